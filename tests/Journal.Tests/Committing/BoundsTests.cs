using Agora.Journal.Tests.Fakes;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Committing;

public sealed class BoundsTests : CommitterFixture
{
    [Fact]
    public void Above_the_soft_bound_there_is_no_room_until_it_is_written()
    {
        var committer = Committer(new CommitterOptions { SoftEntries = 3 });
        var writer = committer.Open("s/1", StreamHead.Empty);
        writer.Ride(Pending("a"));
        writer.Ride(Pending("a"));
        writer.Ride(Pending("a"));
        Assert.True(committer.HasRoom); // what rides keeps nobody waiting
        var append = writer.Append(Pending("b"));
        Assert.False(committer.HasRoom);
        Turns.Run();
        Assert.False(committer.HasRoom);
        Settle();
        Assert.Equal(Written(1), append.Now());
        Assert.True(committer.HasRoom);
    }

    [Fact]
    public void Bytes_count_too()
    {
        var committer = Committer(new CommitterOptions { SoftBytes = 1_000 });
        _ = committer.Open("s/1", StreamHead.Empty).Append(Pending(new string('x', 1_000)));
        Assert.False(committer.HasRoom);
        Settle();
        Assert.True(committer.HasRoom);
    }

    [Fact]
    public void At_the_hard_bound_an_entry_fails_its_writer_Overloaded_and_what_is_in_flight_keeps_its_own_fate()
    {
        var committer = Committer(new CommitterOptions { HardEntries = 2 });
        var writer = committer.Open("s/1", StreamHead.Empty);
        var sent = writer.Append(Pending("a"));
        Turns.Run();
        var queued = writer.Append(Pending("b"));
        var refused = writer.Append(Pending("c"));
        Assert.Equal([Refused(AppendStatus.Overloaded), Refused(AppendStatus.Overloaded)], [queued.Now(), refused.Now()]);
        Settle();
        Assert.Equal(Written(1), sent.Now());
        Assert.Equal(1, writer.Durable.Head.Seq);
        Assert.Equal(["a"], Said("s/1"));

        var next = committer.Open("s/2", StreamHead.Empty).Append(Pending("d"));
        Settle();
        Assert.Equal(Written(1), next.Now());
    }

    [Fact]
    public void A_failed_writers_entries_give_their_room_back()
    {
        var committer = Committer(new CommitterOptions { SoftEntries = 2 });
        var writer = committer.Open("s/1", StreamHead.Empty);
        writer.Ride(Pending("a"));
        _ = writer.Append(Pending("b"));
        Assert.False(committer.HasRoom);
        writer.Close();
        Assert.True(committer.HasRoom);
    }

    [Fact]
    public void So_much_may_ride_and_what_is_wanted_or_failed_rides_no_more()
    {
        var committer = Committer(new CommitterOptions { HardEntries = 4 });
        var (one, other) = (committer.Open("s/1", StreamHead.Empty), committer.Open("s/2", StreamHead.Empty));
        one.Ride(Pending("a"));
        Assert.True(committer.HasRoomToRide);
        other.Ride(Pending("b"));
        Assert.False(committer.HasRoomToRide);
        _ = one.Flush();
        Assert.True(committer.HasRoomToRide);
        Settle();
        other.Ride(Pending("c"));
        Assert.False(committer.HasRoomToRide);
        other.Close();
        Assert.True(committer.HasRoomToRide);
    }

    [Fact]
    public void Drain_completes_when_all_that_is_queued_is_written_what_rides_too()
    {
        var committer = Committer();
        committer.Open("s/1", StreamHead.Empty).Ride(Pending("a"));
        _ = committer.Open("s/2", StreamHead.Empty).Append(Pending("b"));
        var drained = committer.Drain();
        Turns.Run();
        Assert.False(drained.IsCompleted);
        Settle();
        Assert.True(drained.IsCompletedSuccessfully);
        Assert.Equal(["a"], Said("s/1"));
        Assert.True(committer.Drain().IsCompletedSuccessfully);
    }

    [Fact]
    public void A_closed_writer_drops_what_is_not_in_flight_Conflict()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        var sent = writer.Append(Pending("a"));
        Turns.Run();
        var queued = writer.Append(Pending("b"));
        writer.Close();
        writer.Close();
        Assert.Equal(Refused(AppendStatus.Conflict), queued.Now());
        Assert.Equal(Refused(AppendStatus.Conflict), writer.Append(Pending("c")).Now());
        Settle();
        Assert.Equal(Written(1), sent.Now());
        Assert.Equal(["a"], Said("s/1"));
    }

    [Fact]
    public async Task Dispose_fails_what_is_queued_waits_for_what_is_in_flight_and_leaves_the_unknown_unknown()
    {
        var committer = Committer(new CommitterOptions { MaxBatchesInFlight = 2 });
        var unknown = committer.Open("s/1", StreamHead.Empty).Append(Pending("a"));
        Turns.Run();
        Fail(new JournalUnknownException("lost"));
        var writer = committer.Open("s/2", StreamHead.Empty);
        var sent = writer.Append(Pending("b"));
        Turns.Run();
        var queued = writer.Append(Pending("c"));

        var disposed = committer.DisposeAsync();
        Assert.Equal(Refused(AppendStatus.Unavailable), await queued);
        Turns.Run();
        Assert.False(disposed.IsCompleted);
        Settle();
        await disposed;
        Assert.Equal(Written(1), await sent);
        await Assert.ThrowsAsync<JournalUnknownException>(() => unknown.Task);
        Assert.Throws<ObjectDisposedException>(() => committer.Open("s/3", StreamHead.Empty));
    }
}
