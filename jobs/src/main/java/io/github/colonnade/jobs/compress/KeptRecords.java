package io.github.colonnade.jobs.compress;

import io.github.colonnade.jobs.flink.Codec;
import io.github.colonnade.jobs.flink.CodecSerializer;
import io.github.colonnade.jobs.flink.CodecTypeInfo;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.Collector;

/**
 * Records of one job that are kept in files for others to read: one file for each subtask.
 *
 * @param directory where the files are, a URI
 */
record KeptRecords<T>(Codec<T> codec, String directory) {

  private static final int BUFFER_BYTES = 1 << 16;

  /** Writes the records of a stream. */
  void keep(DataStream<T> records, String name) {
    records
        .transform("keep " + name, Types.VOID, new KeepOperator<>(codec, directory))
        .sinkTo(new DiscardingSink<>())
        .name("end " + name);
  }

  /** The records, in no order. */
  DataStream<T> read(StreamExecutionEnvironment env, String name) throws IOException {
    Path path = new Path(directory);
    List<String> files = new ArrayList<>();
    for (FileStatus file : path.getFileSystem().listStatus(path)) {
      files.add(file.getPath().toString());
    }
    files.sort(null);
    return env.fromData(files, Types.STRING)
        .name("kept " + name)
        .rebalance()
        .flatMap(new ReadFunction<>(codec))
        .returns(CodecTypeInfo.of(codec))
        .name("read " + name);
  }

  private static final class KeepOperator<T> extends AbstractStreamOperator<Void>
      implements OneInputStreamOperator<T, Void>, BoundedOneInput {

    private final Codec<T> codec;
    private final String directory;

    private transient DataOutputViewStreamWrapper out;

    @SuppressWarnings("NullAway.Init") // open() comes before everything else.
    KeepOperator(Codec<T> codec, String directory) {
      this.codec = codec;
      this.directory = directory;
    }

    @Override
    public void open() throws Exception {
      super.open();
      int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
      Path file = new Path(directory, "records-" + subtask);
      file.getFileSystem().mkdirs(file.getParent());
      out =
          new DataOutputViewStreamWrapper(
              new BufferedOutputStream(
                  file.getFileSystem().create(file, FileSystem.WriteMode.OVERWRITE), BUFFER_BYTES));
    }

    @Override
    public void processElement(StreamRecord<T> element) throws IOException {
      out.writeBoolean(true);
      new CodecSerializer<>(codec).serialize(element.getValue(), out);
    }

    @Override
    public void endInput() throws IOException {
      out.writeBoolean(false);
      out.flush();
    }

    @Override
    public void close() throws Exception {
      if (out != null) {
        out.close();
      }
      super.close();
    }
  }

  private static final class ReadFunction<T> implements FlatMapFunction<String, T> {
    private final Codec<T> codec;

    ReadFunction(Codec<T> codec) {
      this.codec = codec;
    }

    @Override
    public void flatMap(String name, Collector<T> records) throws IOException {
      CodecSerializer<T> serializer = new CodecSerializer<>(codec);
      Path file = new Path(name);
      try (FSDataInputStream bytes = file.getFileSystem().open(file);
          DataInputViewStreamWrapper in =
              new DataInputViewStreamWrapper(new BufferedInputStream(bytes, BUFFER_BYTES))) {
        while (in.readBoolean()) {
          records.collect(serializer.deserialize(in));
        }
      }
    }
  }
}
