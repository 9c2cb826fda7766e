using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests;

/// <summary>What every provider must do: at least one test for each numbered case of <see cref="IJournal"/>'s contract.</summary>
public abstract partial class JournalConformance : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    /// <summary>The provider's own journal under test, empty, with the table <see cref="Runs"/>.</summary>
    protected IJournal Journal { get; private set; } = null!;

    /// <summary>The store's clock, µs.</summary>
    protected abstract long NowMicros { get; }

    protected abstract Task<IJournal> Open();

    /// <summary>Makes the store refuse what comes next with "nothing was written", and take it again.</summary>
    protected abstract Task SetUnavailable(bool unavailable);

    /// <summary>What another connection, or the next process, sees.</summary>
    protected abstract Task<IJournal> Reopen();

    /// <summary>An empty store of the same kind: what a fail-over that lost everything leaves.</summary>
    protected abstract Task<IJournal> OpenAnother();

    public async Task InitializeAsync() => Journal = await Open();

    public virtual async Task DisposeAsync() => await Journal.DisposeAsync();

    [ConformanceFact]
    public async Task Case_1_a_batch_that_is_refused_leaves_nothing_of_any_stream()
    {
        await SetUnavailable(true);
        StreamAppend[] batch = [Append("s/1", StreamHead.Empty, Entry("a")) with { Keys = [Key("k1")] }, Append("s/2", StreamHead.Empty, Entry("a"))];
        await Assert.ThrowsAsync<JournalUnavailableException>(() => Journal.Append(batch, false, None));
        await SetUnavailable(false);
        Assert.Empty(await Journal.Streams("", null, 10, None));
        Assert.Null(await Journal.FindKey("default", "agent-1", "k1", None));
    }

    [ConformanceFact]
    public async Task Case_1_a_batch_with_a_defect_leaves_nothing_of_any_stream()
    {
        StreamAppend[] batch = [Append("s/1", StreamHead.Empty, Entry("a")), Append("s/2", StreamHead.Empty, Entry("a")) with { Upserts = [new TableUpsert(Runs, ["default", "r1", 1.5, null])] }];
        await Assert.ThrowsAsync<ArgumentException>(() => Journal.Append(batch, false, None));
        Assert.Empty(await Journal.Streams("", null, 10, None));
    }

    [ConformanceFact]
    public async Task Case_3_an_append_at_a_seq_that_exists_is_Moved_and_the_others_are_written()
    {
        var first = await Written(Append("s/1", StreamHead.Empty, Entry("first")));
        var outcomes = await Journal.Append([Append("s/1", StreamHead.Empty, Entry("usurper")), Append("s/2", StreamHead.Empty, Entry("other"))], false, None);
        Assert.Equal([AppendOutcome.Moved, AppendOutcome.Written], outcomes);
        Assert.Equal(["first"], Said(await Journal.Read("s/1", 0, 10, None)));
        Assert.Equal(["other"], Said(await Journal.Read("s/2", 0, 10, None)));
        Assert.Equal(1, first.Seq);
    }

    [ConformanceFact]
    public async Task Case_4_an_append_without_its_predecessor_or_on_another_one_is_Moved()
    {
        var missing = Append("s/1", new StreamHead(1, new byte[32]), Entry("b"));
        Assert.Equal([AppendOutcome.Moved], await Journal.Append([missing], false, None));
        Assert.Empty(await Journal.Streams("", null, 10, None));

        var head = await Written(Append("s/1", StreamHead.Empty, Entry("a")));
        var other = new byte[32];
        other[5] = 1;
        Assert.Equal([AppendOutcome.Moved], await Journal.Append([Append("s/1", head with { Hash = other }, Entry("b"))], false, None));
        Assert.Equal([AppendOutcome.Moved], await Journal.Append([Append("s/3", new StreamHead(0, other), Entry("a"))], false, None));
        Assert.Equal([AppendOutcome.Written], await Journal.Append([Append("s/1", head, Entry("b"))], false, None));
    }

    [ConformanceFact]
    public async Task Case_5_a_head_check_is_Written_exactly_when_no_row_stands_above()
    {
        Assert.Equal([AppendOutcome.Written], await Journal.Append([Check("s/1", StreamHead.Empty)], false, None));
        Assert.Empty(await Journal.Streams("", null, 10, None));
        var head = await Written(Append("s/1", StreamHead.Empty, Entry("a")));
        Assert.Equal([AppendOutcome.Moved], await Journal.Append([Check("s/1", StreamHead.Empty)], false, None));
        Assert.Equal([AppendOutcome.Written], await Journal.Append([Check("s/1", head)], false, None));
    }

    [ConformanceFact]
    public async Task Case_5_a_head_check_of_a_row_that_is_not_there_or_is_another_one_is_Moved()
    {
        var other = new byte[32];
        other[5] = 1;
        Assert.Equal([AppendOutcome.Moved], await Journal.Append([Check("s/1", new StreamHead(1, other))], false, None));
        Assert.Equal([AppendOutcome.Moved], await Journal.Append([Check("s/1", new StreamHead(0, other))], false, None));
        var head = await Written(Append("s/1", StreamHead.Empty, Entry("a")));
        for (var time = 0; time < 2; time++)
        {
            StreamAppend[] batch = [Check("s/1", head with { Hash = other }), Check("s/2", head), Append($"s/3/{time}", StreamHead.Empty, Entry("b"))];
            Assert.Equal([AppendOutcome.Moved, AppendOutcome.Moved, AppendOutcome.Written], await Journal.Append(batch, false, None));
            Assert.Equal([AppendOutcome.Written], await Journal.Append([Check("s/1", head)], false, None));
        }
    }

    [ConformanceFact]
    public async Task Case_6_a_taken_client_key_is_KeyTaken_and_nothing_of_that_stream_is_written()
    {
        await Written(Append("s/1", StreamHead.Empty, Entry("a")) with { Keys = [Key("k1")] });
        var second = Append("s/2", StreamHead.Empty, Entry("b")) with { Keys = [Key("fresh"), Key("k1", "s/2")], Upserts = [Run("r1", "pending", 1)], Alarm = new AlarmChange(5) };
        Assert.Equal([AppendOutcome.KeyTaken, AppendOutcome.Written], await Journal.Append([second, Append("s/3", StreamHead.Empty, Entry("c"))], false, None));
        Assert.Empty(await Journal.Read("s/2", 0, 10, None));
        Assert.Empty(await Journal.Alarms(long.MaxValue, null, 10, None));
        Assert.Equal(0, (await All()).TotalCount);
        Assert.Null(await Journal.FindKey("default", "agent-1", "fresh", None));
        Assert.Equal("s/1", (await Journal.FindKey("default", "agent-1", "k1", None))!.Stream);
    }

    [ConformanceFact]
    public async Task Case_6_of_two_streams_that_take_one_key_in_one_batch_the_second_is_KeyTaken()
    {
        StreamAppend[] batch =
        [
            Append("s/1", StreamHead.Empty, Entry("a")) with { Keys = [Key("k1")] },
            Append("s/2", StreamHead.Empty, Entry("b")) with { Keys = [Key("k1", "s/2")] },
            Append("s/3", StreamHead.Empty, Entry("c")) with { Keys = [Key("k2", "s/3"), Key("k2", "s/3")] },
        ];
        Assert.Equal([AppendOutcome.Written, AppendOutcome.KeyTaken, AppendOutcome.KeyTaken], await Journal.Append(batch, false, None));
    }

    [ConformanceFact]
    public async Task Case_7_what_was_acknowledged_is_seen_by_whoever_opens_the_store_next()
    {
        await Written(Append("s/1", StreamHead.Empty, Entry("a")));
        await using var next = await Reopen();
        Assert.Equal(["a"], Said(await next.Read("s/1", 0, 10, None)));
    }

    [ConformanceFact]
    public async Task Case_8_rows_are_read_in_order_page_by_page_to_the_byte()
    {
        var head = StreamHead.Empty;
        var written = new List<JournalRow>();
        for (var i = 0; i < 7; i++)
        {
            var append = Append("s/1", head, Entry($"row {i}", i, i), Entry($"more {i}", i, i + 100));
            head = await Written(append);
            written.Add(append.Row!);
            await Written(Append($"other/{i}", StreamHead.Empty, Entry("noise")));
        }

        var read = new List<JournalRow>();
        while (await Journal.Read("s/1", read.Count, 3, None) is { Count: > 0 } page) read.AddRange(page);
        Assert.Equal(Enumerable.Range(1, 7).Select(i => (long)i), read.Select(row => row.Seq));
        Assert.All(written.Zip(read), pair =>
        {
            Assert.Equal("s/1", pair.Second.Stream);
            Assert.True(pair.First.Body.Span.SequenceEqual(pair.Second.Body.Span));
            Assert.True(pair.First.Hash.Span.SequenceEqual(pair.Second.Hash.Span));
        });
        Assert.Empty(await Journal.Read("s/none", 0, 10, None));
    }

    [ConformanceFact]
    public async Task Case_8_rows_that_are_large_are_read_a_few_at_a_time()
    {
        var large = new string('x', (JournalPages.MaxBytes / 2) + 1);
        string[] said = ["a", large, large, $"{large}{large}", "b", "c"];
        var head = StreamHead.Empty;
        foreach (var text in said) head = await Written(Append("s/1", head, Entry(text)));

        var (read, counts) = (new List<JournalRow>(), new List<int>());
        while (await Journal.Read("s/1", read.Count, 10, None) is { Count: > 0 } page)
        {
            Assert.Equal(page[^1].Seq == said.Length, JournalPages.EndsWith(page, 10));
            read.AddRange(page);
            counts.Add(page.Count);
        }

        Assert.Equal([3, 1, 2], counts);
        Assert.Equal(said, Said(read));
    }

    [ConformanceFact]
    public async Task Case_10_after_Unavailable_the_same_append_is_Written()
    {
        StreamAppend[] batch = [Append("s/1", StreamHead.Empty, Entry("a")) with { Keys = [Key("k1")] }];
        await SetUnavailable(true);
        await Assert.ThrowsAsync<JournalUnavailableException>(() => Journal.Append(batch, false, None));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => Journal.Probe(None));
        await SetUnavailable(false);
        Assert.Equal([AppendOutcome.Written], await Journal.Append(batch, false, None));
        Assert.Equal(NowMicros, await Journal.Probe(None));
    }

    [ConformanceFact]
    public async Task Case_11_an_identical_batch_sent_again_is_Written_once_and_another_in_its_place_is_Moved()
    {
        StreamAppend[] batch =
        [
            Append("s/1", StreamHead.Empty, Entry("a", NowMicros)) with { Keys = [Key("k1")], Upserts = [Run("r1", "pending", 1)], Alarm = new AlarmChange(5) },
            Append("s/2", StreamHead.Empty, Entry("b")),
            Check("s/3", StreamHead.Empty),
        ];
        var written = Enumerable.Repeat(AppendOutcome.Written, 3);
        Assert.Equal(written, await Journal.Append(batch, false, None));
        Assert.Equal(written, await Journal.Append(batch, true, None));
        Assert.Equal(["a"], Said(await Journal.Read("s/1", 0, 10, None)));
        Assert.Equal([AppendOutcome.Moved], await Journal.Append([Append("s/1", StreamHead.Empty, Entry("other"))], true, None));
        Assert.Equal([AppendOutcome.Moved], await Journal.Append([batch[1]], false, None));
    }

    [ConformanceFact]
    public async Task Case_11_a_batch_that_was_not_written_is_Written_when_sent_again()
    {
        Assert.Equal([AppendOutcome.Written], await Journal.Append([Append("s/1", StreamHead.Empty, Entry("a")) with { Keys = [Key("k1")] }], true, None));
        Assert.Equal(["a"], Said(await Journal.Read("s/1", 0, 10, None)));
    }

    [ConformanceFact]
    public async Task Case_12_a_row_more_than_five_seconds_ahead_is_ClockAhead()
    {
        var ahead = Append("s/1", StreamHead.Empty, Entry("a", NowMicros + 5_000_001)) with { Keys = [Key("k1")] };
        var near = Append("s/2", StreamHead.Empty, Entry("a", NowMicros + 5_000_000));
        Assert.Equal([AppendOutcome.ClockAhead, AppendOutcome.Written], await Journal.Append([ahead, near], false, None));
        Assert.Empty(await Journal.Read("s/1", 0, 10, None));
        Assert.Null(await Journal.FindKey("default", "agent-1", "k1", None));
    }

    [ConformanceFact]
    public async Task Streams_are_named_in_order_of_UTF8_page_by_page_below_a_prefix()
    {
        foreach (var name in new[] { "b/2", "a/1", "b/\U0001F600", "b/10", "b/\uFF5E", "c/1", "b" }) await Written(Append(name, StreamHead.Empty, Entry("a")));
        Assert.Equal(["a/1", "b", "b/10", "b/2", "b/\uFF5E", "b/\U0001F600", "c/1"], await Journal.Streams("", null, 10, None));
        Assert.Equal(["b/10", "b/2"], await Journal.Streams("b/", null, 2, None));
        Assert.Equal(["b/\uFF5E", "b/\U0001F600"], await Journal.Streams("b/", "b/2", 10, None));
        Assert.Empty(await Journal.Streams("d", null, 10, None));
    }

    private protected async Task<StreamHead> Written(StreamAppend append)
    {
        Assert.Equal([AppendOutcome.Written], await Journal.Append([append], false, None));
        return HeadAfter(append);
    }
}
