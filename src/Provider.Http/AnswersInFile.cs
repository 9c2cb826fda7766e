using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agora.Provider.Http;

/// <summary>
/// Keeps so many answers in a file of one process, a line each: they outlive the process, also one that is killed. A run is answered when its line is on the disk; what was cut off in the middle was
/// answered to nobody, and is done again.
/// </summary>
public sealed class AnswersInFile : IAnswers, IDisposable
{
    private const byte NewLine = (byte)'\n';
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private readonly string _path;
    private readonly int _most;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldest = [];
    private FileStream _file;
    private int _written;

    /// <exception cref="IOException">Another process has it open.</exception>
    /// <exception cref="InvalidDataException">It is no file of answers.</exception>
    public AnswersInFile(string path, int most = 10_000)
    {
        (_path, _most, _file) = (path, most, Open(path, FileMode.OpenOrCreate));
        try
        {
            Load();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public async Task<Answer?> Find(string runId, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            if (!_lines.TryGetValue(runId, out var line)) return null;

            var kept = JsonSerializer.Deserialize<Kept>(Read(line), Json)!;
            return new(kept.BodyHash, kept.Status, kept.Cost, kept.Body);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task Keep(string runId, Answer answer, CancellationToken cancel)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(new Kept(runId, answer.BodyHash, answer.Status, answer.CostCents, answer.Body), Json), NewLine];
        await _gate.WaitAsync(cancel);
        try
        {
            if (_lines.ContainsKey(runId)) return;

            Append(line);
            Note(runId, new(_file.Length - line.Length, line.Length));
            if (_written > 2L * _most)
            {
                Compact();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _file.Dispose();
        _gate.Dispose();
    }

    /// <summary>No other process has it at once. Windows renames an open file only where that is shared.</summary>
    private static FileStream Open(string path, FileMode mode)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = OperatingSystem.IsWindows() ? FileShare.Delete : FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new(path, options);
    }

    /// <summary>On the disk when it returns; where that fails, half a line is taken away.</summary>
    private void Append(ReadOnlySpan<byte> line)
    {
        var end = _file.Length;
        try
        {
            _file.Position = end;
            _file.Write(line);
            _file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            _file.SetLength(end);
            throw;
        }
    }

    private byte[] Read(Line line)
    {
        var bytes = new byte[line.Bytes];
        _file.Position = line.At;
        _file.ReadExactly(bytes);
        return bytes;
    }

    private void Note(string runId, Line line)
    {
        _lines[runId] = line;
        _oldest.Enqueue(runId);
        _written++;
        if (_lines.Count > _most)
        {
            _lines.Remove(_oldest.Dequeue());
        }
    }

    /// <summary>The lines that count go to a second file, which takes the place of this one whole.</summary>
    private void Compact()
    {
        var (next, moved) = (Open($"{_path}.next", FileMode.Create), new Dictionary<string, Line>(StringComparer.Ordinal));
        foreach (var runId in _oldest)
        {
            var bytes = Read(_lines[runId]);
            moved.Add(runId, new(next.Length, bytes.Length));
            next.Write(bytes);
        }

        next.Flush(flushToDisk: true);
        File.Move($"{_path}.next", _path, overwrite: true);
        _file.Dispose();
        (_file, _written) = (next, moved.Count);
        foreach (var (runId, line) in moved)
        {
            _lines[runId] = line;
        }
    }

    private void Load()
    {
        var (whole, rest, part) = (0L, new List<byte>(), new byte[1 << 16]);
        for (int got; (got = _file.Read(part)) > 0;)
        {
            foreach (var one in part.AsSpan(0, got))
            {
                rest.Add(one);
                if (one != NewLine) continue;

                Note(RunIn(rest, whole), new(whole, rest.Count));
                whole += rest.Count;
                rest.Clear();
            }
        }

        _file.SetLength(whole);
    }

    private string RunIn(List<byte> line, long at)
    {
        try
        {
            return JsonSerializer.Deserialize<Kept>(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line), Json) is { Run: { } run } ? run : throw new JsonException();
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{_path} has a line that is no answer, at byte {at}: it is another file, or the disk has lost something.", e);
        }
    }

    private readonly record struct Line(long At, int Bytes);

    private sealed record Kept(string Run, string BodyHash, int Status, string? Cost, byte[] Body);
}
