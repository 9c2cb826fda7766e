using Agora.Journal.Tests.Fakes;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Committing;

public sealed class BatchTests : CommitterFixture
{
    [Fact]
    public void Nothing_is_sent_in_the_callers_turn()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        _ = writer.Append(Pending("a"));
        Assert.Empty(Journal.Sent);
        Turns.Run();
        Assert.Single(Journal.Sent);
    }

    [Fact]
    public void Appends_of_many_streams_before_a_turn_go_in_one_batch()
    {
        var committer = Committer();
        var appends = Enumerable.Range(0, 5).Select(i => committer.Open($"s/{i}", StreamHead.Empty).Append(Pending("a"))).ToList();
        Settle();
        Assert.Equal(5, Assert.Single(Journal.Sent).Batch.Count);
        Assert.All(appends, append => Assert.Equal(Written(1), append.Now()));
    }

    [Fact]
    public void What_one_stream_queued_is_one_row()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        var first = writer.Append(Pending("a"));
        var second = writer.Append(Pending("b"));
        Settle();
        Assert.Equal(Written(1), first.Now());
        Assert.Equal(Written(1), second.Now());
        Assert.Equal(["a", "b"], Said("s/1"));
    }

    [Fact]
    public void A_row_that_takes_a_key_is_not_looked_for_again_to_be_pointed_to_and_keys_that_earlier_rows_took_are()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        _ = writer.RideAwaited(new PendingEntry { Entry = Entry("begins"), Key = Key("k1") });
        _ = writer.Append(new PendingEntry { Entry = Entry("decides"), Decides = [Key("k1").CommandId, Id(8)] });
        Settle();
        Assert.Equal([Id(8)], Assert.Single(Assert.Single(Journal.Sent).Batch).Decides);
    }

    [Fact]
    public void Entries_queue_while_their_streams_batch_is_open_and_follow_in_the_next_row()
    {
        var writer = Committer(new CommitterOptions { MaxBatchesInFlight = 4 }).Open("s/1", StreamHead.Empty);
        var first = writer.Append(Pending("a"));
        Turns.Run();
        var second = writer.Append(Pending("b"));
        var third = writer.Append(Pending("c"));
        Turns.Run();
        Assert.Single(Journal.Sent);
        Answer();
        Assert.Equal(Written(1), first.Now());
        Assert.False(second.IsCompleted);
        Answer();
        Assert.Equal([Written(2), Written(2)], [second.Now(), third.Now()]);
        Assert.Equal(["a", "b", "c"], Said("s/1"));
    }

    [Fact]
    public void Two_writers_of_one_stream_are_never_in_open_batches_together()
    {
        var committer = Committer(new CommitterOptions { MaxBatchesInFlight = 4 });
        var old = committer.Open("s/1", StreamHead.Empty).Append(Pending("old"));
        var young = committer.Open("s/1", StreamHead.Empty).Append(Pending("young"));
        Turns.Run();
        Assert.Single(Assert.Single(Journal.Sent).Batch);
        Settle();
        Assert.Equal(Written(1), old.Now());
        Assert.Equal(Refused(AppendStatus.Conflict), young.Now());
        Assert.Equal(["old"], Said("s/1"));
    }

    [Fact]
    public void Batches_of_different_streams_are_in_flight_up_to_the_bound()
    {
        var committer = Committer(new CommitterOptions { MaxBatchesInFlight = 2 });
        for (var i = 0; i < 3; i++)
        {
            _ = committer.Open($"s/{i}", StreamHead.Empty).Append(Pending("a"));
            Turns.Run();
        }

        Assert.Equal(2, Journal.Waiting);
        Settle();
        Assert.Equal(3, Journal.Sent.Count);
    }

    [Fact]
    public void A_row_is_bounded_in_entries_and_bytes_and_the_rest_follows()
    {
        var writer = Committer(new CommitterOptions { MaxEntriesPerRow = 2, MaxBytesPerRow = 300 }).Open("s/1", StreamHead.Empty);
        var results = new[] { "a", "b", "c", new string('x', 500), "d" }.Select(text => writer.Append(Pending(text))).ToList();
        Settle();
        Assert.Equal([1L, 1, 2, 3, 4], results.Select(r => r.Now().Seq));
        Assert.Equal(4, Journal.Sent.Count);
    }

    [Fact]
    public void A_batch_is_bounded_in_rows_and_bytes_and_the_rest_follows()
    {
        var committer = Committer(new CommitterOptions { MaxRowsPerBatch = 2 });
        for (var i = 0; i < 5; i++) _ = committer.Open($"s/{i}", StreamHead.Empty).Append(Pending("a"));
        Settle();
        Assert.Equal([2, 2, 1], Journal.Sent.Select(s => s.Batch.Count));

        var bytes = Committer(new CommitterOptions { MaxBytesPerBatch = 1_500 });
        for (var i = 0; i < 3; i++) _ = bytes.Open($"t/{i}", StreamHead.Empty).Append(Pending(new string('x', 1_000)));
        Settle();
        Assert.Equal([2, 1], Journal.Sent.Skip(3).Select(s => s.Batch.Count));
    }

    [Fact]
    public void Linger_lets_an_idle_committers_first_batch_fill()
    {
        var committer = Committer(new CommitterOptions { Linger = TimeSpan.FromMilliseconds(2) });
        _ = committer.Open("s/1", StreamHead.Empty).Append(Pending("a"));
        Turns.Run();
        _ = committer.Open("s/2", StreamHead.Empty).Append(Pending("a"));
        Turns.Run();
        Assert.Empty(Journal.Sent);
        Time.Advance(TimeSpan.FromMilliseconds(2));
        Turns.Run();
        Assert.Equal(2, Assert.Single(Journal.Sent).Batch.Count);
    }

    [Fact]
    public void Of_one_rows_entries_the_last_upsert_of_a_table_row_and_the_last_alarm_count()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        _ = writer.Append(new PendingEntry { Entry = Entry("a"), Upserts = [Run("r1", "pending", 1), Run("r2", "pending", 1)], Alarm = new AlarmChange(5) });
        _ = writer.Append(new PendingEntry { Entry = Entry("b"), Upserts = [Run("r1", "succeeded", 2)], Alarm = new AlarmChange(9), Key = Key("k1") });
        _ = writer.Append(Pending("c"));
        Settle();
        var append = Assert.Single(Assert.Single(Journal.Sent).Batch);
        Assert.Equal(["r2", "r1"], append.Upserts.Select(u => u.Values[1]));
        Assert.Equal("succeeded", append.Upserts[1].Values[2]);
        Assert.Equal(new AlarmChange(9), append.Alarm);
        Assert.Equal("k1", Assert.Single(append.Keys).Key);
    }

    [Fact]
    public void Who_waited_goes_on_in_its_own_turn_in_order_and_sees_the_durable_entry()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        var order = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var name = $"{i}";
            _ = Turns.Turn(async () =>
            {
                await writer.Append(Pending(name));
                Assert.Same(Turns, TaskScheduler.Current);
                Assert.Equal("2", writer.Durable.State);
                order.Add(name);
            });
        }

        Settle();
        Assert.Equal(["0", "1", "2"], order);
    }

    [Fact]
    public void Durable_is_one_object_of_head_state_and_time_of_the_last_entry()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        var before = writer.Durable;
        _ = writer.Append(Pending("a", "state a", atMicros: 5));
        _ = writer.Append(Pending("b", "state b", atMicros: 6));
        Assert.Same(before, writer.Durable);
        Settle();
        var row = Assert.Single(Store.Read("s/1", 0, 10, default).Now());
        Assert.Equal((1, "state b", 6), (writer.Durable.Head.Seq, (string)writer.Durable.State!, writer.Durable.AtMicros));
        Assert.True(row.Hash.Span.SequenceEqual(writer.Durable.Head.Hash.Span));
        Assert.True(row.Hash.Span.SequenceEqual(RowCodec.Hash(row, StreamHead.Empty.Hash.Span)));
    }

    [Fact]
    public void Same_calls_give_the_same_batches()
    {
        static List<string> Trace()
        {
            var run = new BatchTests();
            var committer = run.Committer(new CommitterOptions { MaxRowsPerBatch = 3, MaxBatchesInFlight = 2 });
            var writers = Enumerable.Range(0, 7).Select(i => committer.Open($"s/{i}", StreamHead.Empty)).ToList();
            for (var i = 0; i < 40; i++)
            {
                _ = writers[i * i % 7].Append(Pending($"{i}"));
                if (i % 3 == 0)
                {
                    run.Turns.Run();
                }

                if (i % 5 == 0 && run.Journal.Waiting > 0)
                {
                    run.Answer();
                }
            }

            run.Settle();
            return [.. run.Journal.Sent.Select(s => string.Join(' ', s.Batch.Select(a => $"{a.Stream}#{a.Row!.Seq}:{Convert.ToHexString(a.Row.Hash.Span)}")))];
        }

        Assert.Equal(Trace(), Trace());
    }
}
