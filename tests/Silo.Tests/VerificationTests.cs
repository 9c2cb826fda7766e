using System.Diagnostics.Metrics;
using System.Text;
using Agora.Api.Admin.Checks;
using Agora.Hosting;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Proof.Keys;
using Agora.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Silo.Tests;

/// <summary>A server that looks whether its journal is as it was written.</summary>
public sealed class VerificationTests : IDisposable
{
    private readonly SimTimeProvider _time = new();
    private readonly Damaged _journal;
    private readonly SigningKeys _keys;

    public VerificationTests()
    {
        _journal = new(new MemoryJournal(_time));
        _keys = new(_journal, new byte[32], _time);
    }

    [Fact]
    public async Task A_changed_row_is_counted_until_a_round_finds_it_as_it_was()
    {
        await Put("s/1", rows: 3);
        using var verification = Verification(rowsPerSecond: "1000");
        Assert.StartsWith("The first round", (await verification.Look(default)).Says, StringComparison.Ordinal);
        Assert.Equal(0, await verification.Once(default));
        Assert.Equal(0, Measured(verification, "agora.verification.broken"));
        Assert.StartsWith("The journal is as it was written", (await verification.Look(default)).Says, StringComparison.Ordinal);

        _journal.Changed = ("s/1", 2);
        // Its hash does not follow, and what it says cannot be read.
        Assert.Equal(2, await verification.Once(default));
        Assert.Equal(2, Measured(verification, "agora.verification.broken"));
        var said = await verification.Look(default);
        Assert.Equal((CheckState.Unwell, "2 rows, checkpoints or keys are not as they were written."), (said.State, said.Says));

        _journal.Changed = null;
        Assert.Equal(0, await verification.Once(default));
        Assert.Equal(0, Measured(verification, "agora.verification.broken"));
    }

    [Fact]
    public async Task What_was_found_by_a_round_that_was_cut_off_counts_until_one_goes_to_the_end()
    {
        await Put("s/1", rows: 512);
        using var verification = Verification(rowsPerSecond: "256");
        _journal.Changed = ("s/1", 1);
        using (var cut = new CancellationTokenSource())
        {
            var round = verification.Once(cut.Token);
            await cut.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => round);
        }

        _journal.Changed = null;
        var next = verification.Once(default);
        Assert.True(Measured(verification, "agora.verification.broken") > 0);
        _time.Advance(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await next);
        Assert.Equal(0, Measured(verification, "agora.verification.broken"));
    }

    [Fact]
    public async Task It_reads_no_faster_than_it_was_told_and_says_when_it_last_came_to_the_end()
    {
        await Put("s/1", rows: 512);
        using var verification = Verification(rowsPerSecond: "256");
        _time.Advance(TimeSpan.FromSeconds(5));

        var round = verification.Once(default);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(round.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, await round);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(3, Measured(verification, "agora.verification.round.age"));
    }

    [Fact]
    public async Task Told_to_read_nothing_it_says_nothing()
    {
        using var verification = Verification(rowsPerSecond: "0");
        Assert.Equal(CheckState.Off, (await verification.Look(default)).State);
        Assert.Null(Measured(verification, "agora.verification.broken"));
    }

    public void Dispose() => _keys.Dispose();

    private Verification Verification(string rowsPerSecond)
    {
        var settings = AgoraSettings.Read(new ConfigurationBuilder().AddInMemoryCollection([new("AGORA_VERIFY_ROWS_PER_SECOND", rowsPerSecond)]).Build());
        return new(_journal, _keys, settings, _time, NullLogger<Verification>.Instance);
    }

    private static double? Measured(Verification of, string name)
    {
        double? measured = null;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == of.Meter && instrument.Name == name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => measured = value);
        listener.SetMeasurementEventCallback<double>((_, value, _, _) => measured = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }

    private async Task Put(string stream, int rows)
    {
        var head = StreamHead.Empty;
        for (var i = 0; i < rows; i++)
        {
            var row = RowCodec.Next(stream, head, [new JournalEntry(Guid.Empty, 1, default, [new StoredEvent("sample.said", 1, Encoding.UTF8.GetBytes($"{head.Seq}"))])]);
            Assert.Equal([AppendOutcome.Written], await _journal.Append([new StreamAppend(stream, head, row, 1, [], [], null)], false, default));
            head = new(row.Seq, row.Hash);
        }
    }

    private sealed class Damaged(IJournal inner) : DelegatingJournal(inner)
    {
        public (string Stream, long Seq)? Changed { get; set; }

        public override async Task<IReadOnlyList<JournalRow>> Read(string stream, long afterSeq, int limit, CancellationToken cancel) =>
            [.. (await base.Read(stream, afterSeq, limit, cancel)).Select(row => (stream, row.Seq) == Changed ? row with { Body = (byte[])[.. row.Body.Span[..^1], (byte)(row.Body.Span[^1] ^ 1)] } : row)];
    }
}
