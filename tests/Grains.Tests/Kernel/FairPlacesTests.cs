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
