package io.github.colonnade.connectors.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.colonnade.connectors.io.FormatException;
import io.github.colonnade.connectors.tensor.DType;
import io.github.colonnade.connectors.tensor.Payload;
import io.github.colonnade.connectors.tensor.Shape;
import io.github.colonnade.connectors.tensor.TensorInfo;
import io.github.colonnade.connectors.tensor.TensorReader;
import io.github.colonnade.connectors.testing.TestFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import onnx.Onnx.GraphProto;
import onnx.Onnx.ModelProto;
import onnx.Onnx.NodeProto;
import onnx.Onnx.StringStringEntryProto;
import onnx.Onnx.TensorProto;
import onnx.Onnx.TensorProto.DataType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.shade.protobuf.ByteString;

/** Models written by the protobuf classes generated from ONNX's own schema, which ND4J ships. */
class OnnxReferenceTest {
  @TempDir Path folder;

  static TensorProto.Builder tensor(String name, DataType type, long... dims) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(type.getNumber());
    Arrays.stream(dims).forEach(tensor::addDims);
    return tensor;
  }

  static byte[] model(TensorProto.Builder... tensors) {
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("g")
            .addNode(NodeProto.newBuilder().setOpType("MatMul").addInput("a").addOutput("y"));
    Arrays.stream(tensors).forEach(graph::addInitializer);
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .setProducerName("test")
        .setGraph(graph)
        .setDocString("after the graph")
        .build()
        .toByteArray();
  }

  private List<TensorInfo> list(byte[] model) throws IOException {
    return list("m.onnx", model);
  }

  private List<TensorInfo> list(String file, byte[] model) throws IOException {
    return TensorLister.list(List.of(TestFiles.write(folder.resolve(file), model).toString()))
        .tensors();
  }

  private static byte[] bytes(TensorInfo tensor) throws IOException {
    return TestFiles.drain(TensorReader.open(tensor));
  }

  private static ByteBuffer read(TensorInfo tensor) throws IOException {
    return ByteBuffer.wrap(bytes(tensor)).order(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void rawDataReadsByRange() throws IOException {
    byte[] raw = TestFiles.random(5, 24);
    List<TensorInfo> tensors =
        list(
            model(
                tensor("a", DataType.FLOAT, 2, 3).setRawData(ByteString.copyFrom(raw)),
                tensor("b", DataType.INT8, 24).setRawData(ByteString.copyFrom(raw))));
    assertEquals(List.of("a", "b"), tensors.stream().map(TensorInfo::name).toList());
    assertEquals(Shape.of(2, 3), tensors.get(0).shape());
    assertEquals(DType.I8, tensors.get(1).dtype());
    for (TensorInfo tensor : tensors) {
      assertInstanceOf(Payload.ByteRange.class, tensor.payload());
      assertArrayEquals(raw, bytes(tensor));
    }
  }

  @Test
  void packedNumbersOfFixedWidthReadByRange() throws IOException {
    List<TensorInfo> tensors =
        list(
            model(
                tensor("f", DataType.FLOAT, 3).addFloatData(1).addFloatData(2).addFloatData(-3),
                tensor("d", DataType.DOUBLE, 2).addDoubleData(0.1).addDoubleData(-7),
                tensor("c", DataType.COMPLEX64, 1).addFloatData(4).addFloatData(5)));
    tensors.forEach(tensor -> assertInstanceOf(Payload.ByteRange.class, tensor.payload()));
    ByteBuffer f = read(tensors.get(0));
    assertEquals(List.of(1f, 2f, -3f), List.of(f.getFloat(), f.getFloat(), f.getFloat()));
    ByteBuffer d = read(tensors.get(1));
    assertEquals(List.of(0.1, -7.0), List.of(d.getDouble(), d.getDouble()));
    ByteBuffer c = read(tensors.get(2));
    assertEquals(List.of(4f, 5f), List.of(c.getFloat(), c.getFloat()));
  }

  @Test
  void variableLengthNumbersAreConverted() throws IOException {
    List<TensorInfo> tensors =
        list(
            model(
                tensor("f16", DataType.FLOAT16, 2).addInt32Data(0x3c00).addInt32Data(0xfbff),
                tensor("bf16", DataType.BFLOAT16, 1).addInt32Data(0xbf80),
                tensor("i8", DataType.INT8, 2).addInt32Data(-128).addInt32Data(127),
                tensor("i32", DataType.INT32, 2).addInt32Data(-5).addInt32Data(1 << 30),
                tensor("i64", DataType.INT64, 2).addInt64Data(-5).addInt64Data(1L << 60),
                tensor("u32", DataType.UINT32, 1).addUint64Data(0xffffffffL),
                tensor("u64", DataType.UINT64, 1).addUint64Data(-1L),
                tensor("bool", DataType.BOOL, 2).addInt32Data(1).addInt32Data(0)));
    tensors.forEach(tensor -> assertInstanceOf(Payload.ProtobufField.class, tensor.payload()));
    assertArrayEquals(new byte[] {0, 0x3c, (byte) 0xff, (byte) 0xfb}, bytes(tensors.get(0)));
    assertArrayEquals(new byte[] {(byte) 0x80, (byte) 0xbf}, bytes(tensors.get(1)));
    assertArrayEquals(new byte[] {-128, 127}, bytes(tensors.get(2)));
    ByteBuffer i32 = read(tensors.get(3));
    assertEquals(List.of(-5, 1 << 30), List.of(i32.getInt(), i32.getInt()));
    ByteBuffer i64 = read(tensors.get(4));
    assertEquals(List.of(-5L, 1L << 60), List.of(i64.getLong(), i64.getLong()));
    assertEquals(-1, read(tensors.get(5)).getInt());
    assertEquals(-1, read(tensors.get(6)).getLong());
    assertArrayEquals(new byte[] {1, 0}, bytes(tensors.get(7)));
  }

  @Test
  void aLongVariableLengthTensorReadsWholeAndInPart() throws IOException {
    TensorProto.Builder builder = tensor("t", DataType.INT32, 20_000);
    for (int i = 0; i < 20_000; i++) {
      builder.addInt32Data(i * 1_000_003);
    }
    TensorInfo tensor = list(model(builder)).get(0);
    ByteBuffer all = read(tensor);
    for (int i = 0; i < 20_000; i++) {
      assertEquals(i * 1_000_003, all.getInt());
    }
    assertArrayEquals(
        Arrays.copyOfRange(bytes(tensor), 33_333, 77_777),
        TestFiles.drain(TensorReader.open(tensor, 33_333, 44_444)));
  }

  @Test
  void externalDataIsReadWhereItLies() throws IOException {
    byte[] data = TestFiles.random(8, 100);
    TestFiles.write(folder.resolve("sub/weights.bin"), data);
    List<TensorInfo> tensors =
        list(model(external("a", "sub/weights.bin", "10", "24"), external("b", "sub/weights.bin")));
    assertArrayEquals(Arrays.copyOfRange(data, 10, 34), bytes(tensors.get(0)));
    assertArrayEquals(Arrays.copyOfRange(data, 0, 24), bytes(tensors.get(1)));
    assertTrue(tensors.get(0).source().endsWith("/m.onnx"));
  }

  private static TensorProto.Builder external(
      String name, String location, String... offsetAndLength) {
    TensorProto.Builder tensor =
        tensor(name, DataType.FLOAT, 2, 3)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL)
            .addExternalData(entry("location", location));
    if (offsetAndLength.length == 2) {
      tensor
          .addExternalData(entry("offset", offsetAndLength[0]))
          .addExternalData(entry("length", offsetAndLength[1]));
    }
    return tensor;
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  @ParameterizedTest
  @CsvSource({
    "../w.bin, 0, 24, below its own folder",
    "/w.bin, 0, 24, below its own folder",
    "missing.bin, 0, 24, is missing",
    "w.bin, 77, 24, has only 100 bytes",
    "w.bin, 9223372036854775807, 24, has only 100 bytes",
    "w.bin, 0, 20, external data has 20",
    "w.bin, -1, 24, no count of bytes",
    "w.bin, ten, 24, no count of bytes",
  })
  void refusesUnsoundExternalData(String location, String offset, String length, String reason) {
    TestFiles.write(folder.resolve("w.bin"), new byte[100]);
    refuses(reason, model(external("a", location, offset, length)));
  }

  private void refuses(String reason, byte[] model) {
    FormatException e = assertThrows(FormatException.class, () -> list(model));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertTrue(e.getMessage().startsWith("m.onnx: "), e.getMessage());
  }

  @Test
  void refusesUnsoundInitializers() {
    ByteString eight = ByteString.copyFrom(new byte[8]);
    refuses("take 12 bytes", model(tensor("a", DataType.FLOAT, 3).setRawData(eight)));
    refuses("take 12 bytes", model(tensor("a", DataType.FLOAT, 3)));
    refuses("take 12 bytes", model(tensor("a", DataType.FLOAT, 3).addFloatData(1)));
    refuses("take 3 bytes", model(tensor("a", DataType.UINT8, 3).addInt32Data(1)));
    refuses("negative", model(tensor("a", DataType.FLOAT, -2).setRawData(eight)));
    refuses("than a long", model(tensor("a", DataType.FLOAT, 1L << 40, 1L << 40)));
    refuses("two kinds", model(tensor("a", DataType.FLOAT, 2).setRawData(eight).addFloatData(1)));
    refuses("field of its type", model(tensor("a", DataType.FLOAT, 1).addInt32Data(1)));
    refuses("ONNX type 8", model(tensor("a", DataType.STRING, 1)));
    refuses("ONNX type 0", model(tensor("a", DataType.UNDEFINED, 2).setRawData(eight)));
    refuses("no name", model(tensor("", DataType.FLOAT, 2).setRawData(eight)));
    refuses(
        "two initializers",
        model(
            tensor("a", DataType.FLOAT, 2).setRawData(eight),
            tensor("a", DataType.FLOAT, 2).setRawData(eight)));
    TensorProto.Builder deep = tensor("a", DataType.FLOAT, new long[65]);
    refuses("more than 64 dimensions", model(deep));
  }

  @Test
  void refusesNumbersThatDoNotFitWhileReading() throws IOException {
    TensorInfo tooLarge = list(model(tensor("a", DataType.INT8, 1).addInt32Data(300))).get(0);
    FormatException e = assertThrows(FormatException.class, () -> read(tooLarge));
    assertTrue(e.getMessage().contains("too large for I8"), e.getMessage());
    TensorInfo tooFew = list(model(tensor("b", DataType.INT32, 3).addInt32Data(1 << 30))).get(0);
    FormatException few = assertThrows(FormatException.class, () -> read(tooFew));
    assertTrue(few.getMessage().contains("less data"), few.getMessage());
    TensorInfo tooMany =
        list(model(tensor("c", DataType.INT32, 1).addInt32Data(1).addInt32Data(2))).get(0);
    FormatException many = assertThrows(FormatException.class, () -> read(tooMany));
    assertTrue(many.getMessage().contains("more data"), many.getMessage());
  }

  @Test
  void refusesModelsWithoutAGraphAndOtherBytes() throws IOException {
    refuses("no ONNX graph", ModelProto.newBuilder().setIrVersion(8).build().toByteArray());
    byte[] sound =
        model(tensor("a", DataType.FLOAT, 2).setRawData(ByteString.copyFrom(new byte[8])));
    refuses("not a sound ONNX model", Arrays.copyOf(sound, sound.length - 40));
    // By content alone too.
    assertEquals("a", list("model-without-ending", sound).get(0).name());
  }
}
