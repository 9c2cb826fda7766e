using System.Runtime.InteropServices;

namespace Agora.Replay.Checking;

/// <summary>
/// Facts, given back in groups of those about the same thing, whatever their number.
/// <para>Bounds. The first <see cref="InMemory"/> stay in memory (16 MB). Beyond them all are in <see cref="Parts"/> files in the directory for temporary files (TMPDIR), 64 bytes each, readable by their owner alone and deleted
/// at the end; one file at a time is read back, so memory is a <see cref="Parts"/>th of them.</para>
/// </summary>
public sealed class FactStore : IDisposable
{
    private const int Parts = 256;
    private const int InMemory = 1 << 18;

    private readonly List<Fact>[] _waiting = [.. Enumerable.Range(0, Parts).Select(_ => new List<Fact>())];
    private readonly FileStream?[] _files = new FileStream?[Parts];
    private int _inMemory;

    public long Count { get; private set; }

    /// <summary>Facts that are on disk.</summary>
    public long Spilled { get; private set; }

    /// <exception cref="IOException">There is no room for the files.</exception>
    public void Add(in Fact fact)
    {
        _waiting[(int)(fact.About >> 120)].Add(fact);
        Count++;
        if (++_inMemory == InMemory)
        {
            Spill();
        }
    }

    /// <summary>Each group once, in the order of seq within a stream.</summary>
    /// <param name="read">Told after each part how many there have been.</param>
    public IEnumerable<ReadOnlyMemory<Fact>> Groups(Action<int, int>? read = null)
    {
        for (var part = 0; part < Parts; part++)
        {
            var facts = Part(part);
            Array.Sort(facts, static (x, y) => x.About != y.About ? x.About.CompareTo(y.About) : x.Stream != y.Stream ? x.Stream.CompareTo(y.Stream) : x.Seq.CompareTo(y.Seq));
            for (int first = 0, next; first < facts.Length; first = next)
            {
                for (next = first + 1; next < facts.Length && facts[next].About == facts[first].About; next++)
                {
                }

                yield return facts.AsMemory(first, next - first);
            }

            read?.Invoke(part + 1, Parts);
        }
    }

    public void Dispose()
    {
        foreach (var file in _files) file?.Dispose();
    }

    private Fact[] Part(int part)
    {
        var file = _files[part];
        var stored = (int)((file?.Length ?? 0) / Fact.Bytes);
        var facts = new Fact[stored + _waiting[part].Count];
        if (file is not null)
        {
            file.Position = 0;
            file.ReadExactly(MemoryMarshal.AsBytes(facts.AsSpan(0, stored)));
        }

        _waiting[part].CopyTo(facts, stored);
        return facts;
    }

    private void Spill()
    {
        for (var part = 0; part < Parts; part++)
        {
            var waiting = _waiting[part];
            var file = _files[part] ??= Nameless();
            file.Seek(0, SeekOrigin.End);
            file.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(waiting)));
            Spilled += waiting.Count;
            waiting.Clear();
        }

        _inMemory = 0;
    }

    private static FileStream Nameless()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0, Options = FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new(Path.Combine(Path.GetTempPath(), $"agora-check-{Guid.NewGuid():N}"), options);
    }
}
