package io.github.colonnade.jobs.manifest;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One small JSON object of a manifest: its keys are taken one by one with the type expected, and
 * {@link #make} refuses what was not asked for. Every message begins with the place.
 */
final class Fields {
  /** The most values in one entry. Only the list of inputs comes near it. */
  private static final int MAX_VALUES = 1_000_000;

  private final String place;
  private final Map<String, @Nullable Object> values;

  private Fields(String place, Map<String, @Nullable Object> values) {
    this.place = place;
    this.values = values;
  }

  /** Reads the object that {@code json} stands at the start of. */
  static Fields read(String place, JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw new ManifestException(place + ": expected an object");
    }
    return new Fields(place, object(place, json, new int[1]));
  }

  String text(String key) throws ManifestException {
    return expect(key, String.class, "a text");
  }

  Optional<String> optionalText(String key) throws ManifestException {
    return values.containsKey(key) ? Optional.of(text(key)) : Optional.empty();
  }

  boolean flag(String key) throws ManifestException {
    return expect(key, Boolean.class, "true or false");
  }

  boolean isFlag(String key) {
    return values.get(key) instanceof Boolean;
  }

  long whole(String key) throws ManifestException {
    return expect(key, Long.class, "a whole number");
  }

  int wholeInt(String key) throws ManifestException {
    long value = whole(key);
    if (value != (int) value) {
      throw wrong(key, "expected a whole number below 2^31");
    }
    return (int) value;
  }

  OptionalInt optionalInt(String key) throws ManifestException {
    return values.containsKey(key) ? OptionalInt.of(wholeInt(key)) : OptionalInt.empty();
  }

  OptionalLong optionalWhole(String key) throws ManifestException {
    return values.containsKey(key) ? OptionalLong.of(whole(key)) : OptionalLong.empty();
  }

  double number(String key) throws ManifestException {
    return expect(key, Number.class, "a number").doubleValue();
  }

  double number(String key, double otherwise) throws ManifestException {
    return values.containsKey(key) ? number(key) : otherwise;
  }

  OptionalDouble optionalNumber(String key) throws ManifestException {
    return values.containsKey(key) ? OptionalDouble.of(number(key)) : OptionalDouble.empty();
  }

  /** One of the choices, by what {@code toString} gives. */
  <E extends Enum<E>> E choice(String key, E[] choices) throws ManifestException {
    String word = text(key);
    List<String> words = new ArrayList<>();
    for (E choice : choices) {
      if (choice.toString().equals(word)) {
        return choice;
      }
      words.add(choice.toString());
    }
    throw wrong(key, "expected one of " + String.join(", ", words));
  }

  /** The same, of a key that may be absent. */
  <E extends Enum<E>> E choice(String key, E[] choices, E otherwise) throws ManifestException {
    return values.containsKey(key) ? choice(key, choices) : otherwise;
  }

  List<String> texts(String key) throws ManifestException {
    return list(key, String.class, "a text");
  }

  List<Long> wholes(String key) throws ManifestException {
    return list(key, Long.class, "a whole number");
  }

  Fields object(String key) throws ManifestException {
    @SuppressWarnings("unchecked") // only object() below makes maps
    Map<String, @Nullable Object> value = expect(key, Map.class, "an object");
    return new Fields(place + "." + key, value);
  }

  List<Fields> objects(String key) throws ManifestException {
    List<Fields> objects = new ArrayList<>();
    for (Map<?, ?> each : list(key, Map.class, "an object")) {
      @SuppressWarnings("unchecked") // only object() below makes maps
      Map<String, @Nullable Object> value = (Map<String, @Nullable Object>) each;
      objects.add(new Fields(place + "." + key + "[" + objects.size() + "]", value));
    }
    return objects;
  }

  Optional<Fields> optionalObject(String key) throws ManifestException {
    return values.containsKey(key) ? Optional.of(object(key)) : Optional.empty();
  }

  /** Makes the value of these fields; its complaints begin with the key. */
  <T> T make(Maker<T> maker) throws ManifestException {
    T made;
    try {
      made = maker.make();
    } catch (IllegalArgumentException e) {
      throw new ManifestException(place + "." + e.getMessage(), e);
    }
    if (!values.isEmpty()) {
      throw new ManifestException(
          place + "." + values.keySet().iterator().next() + ": unknown key");
    }
    return made;
  }

  private <T> List<T> list(String key, Class<T> type, String expected) throws ManifestException {
    List<?> raw = expect(key, List.class, "a list");
    List<T> typed = new ArrayList<>(raw.size());
    for (int i = 0; i < raw.size(); i++) {
      Object value = raw.get(i);
      if (!type.isInstance(value)) {
        throw wrong(key + "[" + i + "]", "expected " + expected);
      }
      typed.add(type.cast(value));
    }
    return typed;
  }

  private <T> T expect(String key, Class<T> type, String expected) throws ManifestException {
    if (!values.containsKey(key)) {
      throw wrong(key, "missing");
    }
    Object value = values.remove(key);
    if (!type.isInstance(value)) {
      throw wrong(key, "expected " + expected);
    }
    return type.cast(value);
  }

  private ManifestException wrong(String key, String what) {
    return new ManifestException(place + "." + key + ": " + what);
  }

  private static Map<String, @Nullable Object> object(String place, JsonParser json, int[] count)
      throws IOException {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      json.nextToken();
      values.put(key, value(place + "." + key, json, count));
    }
    return values;
  }

  private static @Nullable Object value(String place, JsonParser json, int[] count)
      throws IOException {
    if (++count[0] > MAX_VALUES) {
      throw new ManifestException(place + ": more than " + MAX_VALUES + " values in one entry");
    }
    return switch (json.currentToken()) {
      case START_OBJECT -> object(place, json, count);
      case START_ARRAY -> list(place, json, count);
      case VALUE_STRING -> json.getText();
      case VALUE_NUMBER_INT -> whole(json.getBigIntegerValue());
      case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  private static List<@Nullable Object> list(String place, JsonParser json, int[] count)
      throws IOException {
    List<@Nullable Object> values = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      values.add(value(place + "[" + values.size() + "]", json, count));
    }
    return values;
  }

  /** What no long can hold is not a whole number to us, but may do as a number. */
  private static Number whole(BigInteger value) {
    return value.bitLength() < 64 ? (Number) value.longValue() : value;
  }

  @FunctionalInterface
  interface Maker<T> {
    T make() throws ManifestException;
  }
}
