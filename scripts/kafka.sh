#!/usr/bin/env bash
# A real Apache Kafka broker on this machine, alone in KRaft mode.
#   kafka.sh start    prints its address once it answers
#   kafka.sh stop     ends it and removes its data
#   kafka.sh status   prints its address, or exits 1
# KAFKA_PORT (29092) is its plaintext port. The next two are the controller's and one that asks for SASL PLAIN as
# Event Hubs does: user $ConnectionString, password KAFKA_CONNECTION_STRING. KAFKA_HEAP is the JVM's (512m).
set -euo pipefail
. "$(dirname "$0")/env.sh"
port=${KAFKA_PORT:-29092}
dir=$LEVADA_CACHE/run/kafka-$port
secret=${KAFKA_CONNECTION_STRING:-Endpoint=sb://localhost/;SharedAccessKeyName=test;SharedAccessKey=c2VjcmV0}

running() { [ -f "$dir/pid" ] && kill -0 "$(cat "$dir/pid")" 2>/dev/null; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }

configure() {
    cat <<CONFIG
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((port + 1))
listeners=PLAINTEXT://127.0.0.1:$port,EH://127.0.0.1:$((port + 2)),CONTROLLER://127.0.0.1:$((port + 1))
advertised.listeners=PLAINTEXT://127.0.0.1:$port,EH://127.0.0.1:$((port + 2))
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,EH:SASL_PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.name.eh.sasl.enabled.mechanisms=PLAIN
listener.name.eh.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_\$ConnectionString="$secret";
log.dirs=$dir/data
num.partitions=8
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.retention.ms=-1
CONFIG
}

start() {
    if running; then
        echo "127.0.0.1:$port"
        return
    fi
    [ -e "$KAFKA_LIBS/.complete" ] || { echo "no Kafka in $KAFKA_LIBS: run scripts/deps.sh test" >&2; exit 2; }
    answers && { echo "port $port is taken" >&2; exit 1; }
    rm -rf "$dir"
    mkdir -p "$dir"
    configure > "$dir/kafka.properties"
    java -cp "$KAFKA_LIBS/*" -Dlog4j2.level=ERROR kafka.tools.StorageTool format -t AAAAAAAAAAAAAAAAAAAAAQ -c "$dir/kafka.properties" \
        > "$dir/format.log" 2>&1 || { cat "$dir/format.log" >&2; exit 1; }
    setsid java "-Xmx${KAFKA_HEAP:-512m}" -XX:TieredStopAtLevel="${KAFKA_JIT:-4}" -cp "$KAFKA_LIBS/*" -Dlog4j2.level=WARN kafka.Kafka "$dir/kafka.properties" \
        > "$dir/broker.log" 2>&1 < /dev/null &
    echo $! > "$dir/pid"
    for _ in $(seq 600); do
        if answers && kcat -L -b "127.0.0.1:$port" -m 2 > /dev/null 2>&1; then
            echo "127.0.0.1:$port"
            return
        fi
        running || { tail -20 "$dir/broker.log" >&2; exit 1; }
        sleep 0.1
    done
    echo "Kafka does not answer on port $port; see $dir/broker.log" >&2
    stop
    exit 1
}

stop() {
    if running; then
        local pid
        pid=$(cat "$dir/pid")
        kill "$pid"
        for _ in $(seq 200); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -9 "$pid" 2>/dev/null || true
    fi
    rm -rf "$dir"
}

case ${1:-} in
start) start ;;
stop) stop ;;
status) running && answers && echo "127.0.0.1:$port" ;;
*) echo "usage: kafka.sh start|stop|status" >&2; exit 2 ;;
esac
