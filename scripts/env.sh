# Where the parts of the tests lie; sourced by the other scripts, prints nothing.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LEVADA_CACHE=${LEVADA_CACHE:-$root/.cache}
# Each part has a folder named by the hash of its list, so a changed pin is a new folder.
part_dir() { printf '%s/%s-%s' "$LEVADA_CACHE" "$1" "$(sha256sum "$root/scripts/parts/$2" | cut -c1-12)"; }
KAFKA_LIBS=${KAFKA_LIBS:-$(part_dir kafka kafka.pom.xml)}
SPARK_JARS_DIR=${SPARK_JARS_DIR:-$(part_dir spark spark.pom.xml)}
LEVADA_VENV=${LEVADA_VENV:-$(part_dir venv python.txt)}
LEVADA=${LEVADA:-$root/build/release/levada}
export LEVADA_CACHE KAFKA_LIBS SPARK_JARS_DIR LEVADA_VENV LEVADA
