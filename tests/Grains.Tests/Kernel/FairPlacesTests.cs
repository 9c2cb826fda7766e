using System.Runtime.CompilerServices;
using Agora.Core.Chats;
using Agora.Grains.Kernel;

namespace Agora.Grains.Tests.Kernel;

/// <summary>What one process has a bounded amount of is shared by tenants, users and sessions.</summary>
public sealed class FairPlacesTests
{
    /// <summary>An agent that delegates has sessions of one root: 20 of them held all places of those that follow dialogues or replies.</summary>
    [Fact]
    public void However_many_sessions_of_one_user_take_all_they_get_another_user_and_another_tenant_find_places()
    {
        var followers = new FairPlaces(ChatLimits.FollowersOfAll, ofSession: ChatLimits.Followers);
        var held = 0;
        for (var session = 0; session < 20; session++)
        {
            while (followers.Take(new("many", "ann", $"session-{session}")) is not null) held++;
        }

        Assert.Equal(ChatLimits.FollowersOfAll / 3, held);
        Assert.NotNull(followers.Take(new("many", "bob", "one")));
        Assert.NotNull(followers.Take(new("other", "ann", "one")));
    }

    [Fact]
    public void Users_that_take_all_they_get_leave_places_to_the_next_one_of_their_tenant()
    {
        var bytes = new FairPlaces(64 << 20, ofTenant: 32 << 20);
        for (var user = 0; user < 3; user++)
        {
            while (bytes.Take(new("t", $"user-{user}", "s"), 100_000) is not null) { }
        }

        Assert.NotNull(bytes.Take(new("t", "next", "s"), 250_000));
    }

    [Fact]
    public void Tenants_that_take_all_they_get_leave_a_place_to_the_next_one()
    {
        var places = new FairPlaces(64);
        for (var tenant = 0; tenant < 7; tenant++)
        {
            var held = 0;
            while (places.Take(new($"tenant-{tenant}")) is not null) held++;
            Assert.True(held > 0);
        }
    }

    [Fact]
    public void What_is_refused_says_whose_places_are_all_taken()
    {
        var places = new FairPlaces(12, ofSession: 1);

        Assert.NotNull(places.Take(new("t", "u", "s")));
        Assert.Equal(PlaceLevel.Session, Full(new("t", "u", "s")));
        while (Full(new("t", "u")) == PlaceLevel.None) { }
        Assert.Equal(PlaceLevel.User, Full(new("t", "u", "other")));
        for (var user = 0; Full(new("t", $"user-{user}")) == PlaceLevel.None; user++) { }
        Assert.Equal(PlaceLevel.Tenant, Full(new("t", "new", "new")));
        for (var tenant = 0; Full(new($"tenant-{tenant}")) == PlaceLevel.None; tenant++) { }
        Assert.Equal(PlaceLevel.All, Full(new("new", "new", "new")));

        PlaceLevel Full(PlaceOwner owner)
        {
            places.Take(owner, 1, out var full);
            return full;
        }
    }

    [Fact]
    public void What_grows_is_given_back_whole_and_once()
    {
        var places = new FairPlaces(10, ofTenant: 6);
        var one = places.Take(new("t"), 2)!;

        Assert.True(one.Grow(3));
        Assert.False(one.Grow(2));
        one.Dispose();
        one.Dispose();
        Assert.False(one.Grow(1));
        Assert.NotNull(places.Take(new("t"), 6));
        Assert.NotNull(places.Take(new("u"), 4));
    }

    /// <summary>Bodies, replies and outputs have bounds of their own, and one of all bytes that are held.</summary>
    [Fact]
    public void Places_within_others_are_bounded_by_both_and_given_back_to_both()
    {
        var all = new FairPlaces(20);
        var (bodies, replies) = (new FairPlaces(16, within: all), new FairPlaces(16, within: all));
        var body = bodies.Take(new("a"), 12)!;

        Assert.Null(replies.Take(new("b"), 9));
        Assert.False(body.Grow(5));
        var reply = replies.Take(new("b"), 2)!;
        body.ShrinkTo(2);
        Assert.True(reply.Grow(4));
        reply.Dispose();
        body.Dispose();
        Assert.NotNull(bodies.Take(new("c"), 16));
        Assert.NotNull(all.Take(new("d"), 4));
        Assert.Null(all.Take(new("e"), 1));
    }

    [Fact]
    public void What_grows_within_others_takes_its_room_of_both()
    {
        var all = new FairPlaces(20);
        var body = new FairPlaces(40, within: all).Take(new("a"), 4)!;

        Assert.False(body.Grow(7)); // more than its tenant's share of all
        Assert.True(body.Grow(6));
        Assert.Null(all.Take(new("b"), 11));
        body.Dispose();
        Assert.NotNull(all.Take(new("b"), 20));
    }

    /// <summary>Who ever came would be in memory for ever.</summary>
    [Fact]
    public void Of_owners_that_gave_all_their_places_back_nothing_is_kept()
    {
        var places = new FairPlaces(10);
        var owners = Enumerable.Range(0, 100).Select(n => Came(places, n)).ToList();

        GC.Collect();

        Assert.DoesNotContain(owners, static owner => owner.IsAlive);
        GC.KeepAlive(places);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Came(FairPlaces places, int n)
        {
            var tenant = $"tenant-{n}";
            places.Take(new(tenant, "ann", "s"))!.Dispose();
            return new(tenant);
        }
    }

    /// <summary>Every place that was given back once looked through all that wait, under the lock.</summary>
    [Fact]
    public async Task However_many_wait_the_next_one_is_found_by_looking_at_few()
    {
        var (queue, looked) = (new FairQueue(), 0);
        var waiting = Enumerable.Range(0, 10_000).Select(n => queue.Add(new($"tenant-{n % 4}", $"user-{n % 100}", $"session-{n}"), 1, static _ => 0)).ToList();
        for (var n = 0; n < waiting.Count; n++)
        {
            var next = queue.Next(_ => { looked++; return PlaceLevel.None; })!;
            Assert.True(queue.Remove(next));
            queue.Change(next.Owner, 1);
        }

        Assert.Equal(waiting.Count, looked);
        Assert.Null(queue.Next(static _ => PlaceLevel.None));
        Assert.False(queue.Remove(waiting[0]));

        var places = new FairPlaces(4);
        var (many, few) = (places.Take(new("many", "u", "s"), 2)!, places.Take(new("few", "u", "s"), 2)!);
        var (large, small) = (places.Wait(new("many", "v", "s"), default, 4), places.Wait(new("few", "v", "s"), default));
        few.Dispose();
        Assert.NotNull(await small);
        Assert.False(large.IsCompleted);
        many.Dispose();
        (await small).Dispose();
        (await large).Dispose();
    }

    [Fact]
    public async Task Of_those_that_wait_the_owner_that_holds_least_comes_first()
    {
        var places = new FairPlaces(4);
        var (first, second) = (places.Take(new("many"))!, places.Take(new("many"))!);
        var (third, fourth) = (places.Take(new("some"))!, places.Take(new("last"))!);
        var (many, none) = (places.Wait(new("many"), default), places.Wait(new("none"), default));

        first.Dispose();
        Assert.True((await none) is not null && !many.IsCompleted);
        second.Dispose();
        await many;
        third.Dispose();
        fourth.Dispose();
    }

    [Theory]
    [InlineData("one", "ann", "s", "two", "ann", "s")]
    [InlineData("one", "ann", "s", "one", "bob", "s")]
    [InlineData("one", "ann", "s", "one", "ann", "t")]
    public void Tenants_users_and_sessions_that_take_a_place_stand_behind_those_that_hold_less_until_they_give_it_back(string tenant, string user, string session, string otherTenant, string otherUser, string otherSession)
    {
        var (queue, first, other) = (new FairQueue(), new PlaceOwner(tenant, user, session), new PlaceOwner(otherTenant, otherUser, otherSession));
        for (var n = 0; n < 2; n++) queue.Add(first, 1, static _ => 0);
        queue.Add(other, 1, static _ => 0);

        Assert.True(Next() == first && queue.Remove(queue.Next(static _ => PlaceLevel.None)!));
        queue.Change(first, 1);
        Assert.Equal(other, Next());
        queue.Change(first, -1);
        Assert.Equal(first, Next());

        PlaceOwner Next() => queue.Next(static _ => PlaceLevel.None)!.Owner;
    }

    /// <summary>A request that waits for much keeps those behind it in its session waiting, and no longer than it waits itself.</summary>
    [Fact]
    public async Task When_a_request_stops_waiting_the_ones_behind_it_get_the_places_that_are_free()
    {
        var (places, owner) = (new FairPlaces(10), new PlaceOwner("t", "ann", "s"));
        using var held = places.Take(new("a"), 5)!;
        var given = places.Take(new("b"), 5)!;
        using var over = new CancellationTokenSource();
        var (large, small) = (places.Wait(owner, over.Token, 8), places.Wait(owner, default, 2));
        given.Dispose();
        Assert.False(large.IsCompleted || small.IsCompleted);

        await over.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => large);
        (await small.WaitAsync(Hang.Timeout)).Dispose();
    }

    [Fact]
    public async Task Whoever_waits_no_more_takes_no_place()
    {
        var places = new FairPlaces(1);
        var held = places.Take(new("a"))!;
        using var over = new CancellationTokenSource();
        var waiting = places.Wait(new("b"), over.Token);
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        held.Dispose();
        Assert.NotNull(places.Take(new("c")));
    }
}
