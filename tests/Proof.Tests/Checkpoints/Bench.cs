using System.Text;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Proof.Checkpoints;
using Agora.Proof.Keys;
using Agora.Testing;

namespace Agora.Proof.Tests.Checkpoints;

/// <summary>A journal that rows are put into, its signing keys, and a clock of its own.</summary>
internal sealed class Bench : IDisposable
{
    private readonly Dictionary<string, StreamHead> _heads = new(StringComparer.Ordinal);

    public Bench(JournalFaults? faults = null)
    {
        Journal = new MemoryJournal(Time, faults);
        Keys = new SigningKeys(Journal, new byte[32], Time);
    }

    public SimTimeProvider Time { get; } = new();

    public MemoryJournal Journal { get; }

    public SigningKeys Keys { get; }

    public static ProofOptions Options { get; } = new("agora.example", TimeSpan.FromSeconds(60));

    public CheckpointMaker Maker(IJournal? journal = null) => new(journal ?? Journal, Keys, Options, Time);

    public async Task Append(string stream, int rows = 1)
    {
        for (var i = 0; i < rows; i++)
        {
            var head = _heads.GetValueOrDefault(stream, StreamHead.Empty);
            var row = RowCodec.Next(stream, head, [new JournalEntry(Guid.Empty, 1, default, [new StoredEvent("sample.said", 1, Encoding.UTF8.GetBytes($"{head.Seq}"))])]);
            Assert.Equal([AppendOutcome.Written], await Journal.Append([new StreamAppend(stream, head, row, 1, [], [], null)], false, default));
            _heads[stream] = new(row.Seq, row.Hash);
        }
    }

    /// <summary>A minute later.</summary>
    public async Task<Checkpoint?> Minute()
    {
        Time.Advance(TimeSpan.FromMinutes(1));
        return await Maker().Make(default);
    }

    public async Task<List<string>> Broken(IJournal? journal = null, IReadOnlyList<string>? copy = null)
    {
        var found = new List<string>();
        var report = await new CheckpointVerifier(journal ?? Journal, await Keys.Public(default), found.Add).Verify(copy, default);
        Assert.Equal(found.Count, report.Broken);
        return found;
    }

    public void Dispose() => Keys.Dispose();
}
