using Agora.Api.Tests.Support;
using Agora.Application.Conversations;
using Agora.Application.Reading;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Journal.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Conversations;

public sealed class InboxTests
{
    [Fact]
    public async Task All_conversations_of_an_agent_are_one_list_that_goes_on_behind_a_cursor()
    {
        await using var talk = await Talk.Among("a", "b", "c");
        var (one, two) = (await talk.Open("a", ["b"]), await talk.Open("c", ["b"]));
        await talk.Say("a", one, "1");
        await talk.Say("c", two, "2");
        await talk.Say("b", one, "mine");
        await talk.Say("a", one, "3");

        var (told, next) = await talk.Told("b", 5);
        Assert.Equal(["a opened", "c opened", "a:1", "c:2", "a:3"], told);
        Assert.Empty((await talk.Inbox("b", next)).Told);
        await talk.Say("c", two, "4");
        Assert.Equal(["c:4"], (await talk.Told("b", 1, next)).Told);
        Assert.Equal(["b joined", "b:mine"], (await talk.Told("a", 2)).Told);
    }

    /// <summary>Whoever went on from there would miss what comes.</summary>
    [Fact]
    public async Task A_cursor_from_the_future_or_of_another_tenant_is_refused_at_each_door_also_where_the_inbox_is_in_memory()
    {
        await using var talk = await Talk.Among("a", "b");
        await talk.Open("a", ["b"]);
        await talk.Told("b", 1);
        var others = InboxPlace.Start.Mint(talk.Api.Services.GetRequiredService<FeedCursors>(), RunningApi.Second);
        foreach (var cursor in new[] { await Talk.CursorAhead(), others })
        {
            (await talk.Get("b", $"/agent/inbox?after={cursor}")).Refused(422, Codes.ValidationFailed);
            (await talk.Api.Client.Send(HttpMethod.Get, "/agent/inbox", talk.Key("b"), null, ("Accept", "text/event-stream"), ("Last-Event-ID", cursor))).Refused(422, Codes.ValidationFailed);
            await using var socket = await SocketClient.Open(talk, "b");
            await socket.Listen(cursor);
            Assert.Equal(4410, await socket.End());
        }
    }

    [Fact]
    public async Task Pages_of_any_size_make_the_same_list()
    {
        await using var talk = await Talk.Among("a", "b", "c");
        var ids = await Task.WhenAll(talk.Open("a", ["b"]), talk.Open("c", ["b"]), talk.Open("a", ["b", "c"]));
        await Task.WhenAll(Enumerable.Range(0, 30).Select(n => talk.Say(n % 3 == 1 ? "c" : "a", ids[n % 3], $"m{n}")));
        var whole = (await talk.Told("b", 34)).Told;
        for (var limit = 1; limit < 8; limit++)
        {
            var (parts, after) = (new List<string>(), (string?)null);
            while (parts.Count < whole.Count)
            {
                var (some, next) = await talk.Inbox("b", after, limit);
                Assert.NotEmpty(some);
                (parts, after) = ([.. parts, .. some], next);
            }

            Assert.Equal(whole, parts);
        }
    }

    [Fact]
    public async Task Who_waits_is_told_at_once_also_of_a_conversation_that_is_opened_meanwhile()
    {
        await using var talk = await Talk.Among("a", "b");
        var (_, next) = await talk.Inbox("b");
        var waits = talk.Inbox("b", next, wait: 20);
        var id = (await talk.Post("a", "/conversations", """{"participants":["b"]}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!;
        var (told, after) = await waits;
        Assert.Equal(["a opened"], told);

        waits = talk.Inbox("b", after, wait: 20);
        await talk.Say("a", id, "hello");
        Assert.Equal(["a:hello"], (await waits).Told);
        var from = (await talk.Inbox("b", "now")).Next;
        Assert.Empty((await talk.Inbox("b", from)).Told);
    }

    [Fact]
    public async Task Who_is_further_behind_than_what_is_kept_is_told_everything_once()
    {
        await using var talk = await Talk.Among("a", "b");
        var id = await talk.Open("a", ["b"], ""","limits":{"messages_per_minute":1000000,"unacknowledged":10000}""");
        var next = (await talk.Inbox("b")).Next;
        for (var round = 0; round < 6; round++)
        {
            // Many at once stand in one row: what is kept begins in the midst of one.
            var said = await Task.WhenAll(Enumerable.Range(0, TalkLimits.RecentEntries + 40 + (17 * round)).Select(n => talk.Say("a", id, $"{n}")));
            var told = new List<string>();
            while (told.Count < said.Length)
            {
                var (some, after) = await talk.Inbox("b", next, wait: 20);
                Assert.NotEmpty(some);
                told.AddRange(some);
                next = after;
            }

            Assert.Equal(said.Length, told.Distinct().Count());
            Assert.Equal(said.Length, told.Count);
            Assert.Empty((await talk.Inbox("b", next)).Told);
        }
    }

    [Fact]
    public async Task A_cursor_is_its_tenants_alone()
    {
        await using var talk = await Talk.Among("a");
        var (_, next) = await talk.Inbox("a");
        foreach (var odd in new[] { "tomorrow", next[..^2], $"{next}A", next[1..] })
        {
            (await talk.Get("a", $"/agent/inbox?after={odd}")).Refused(422, Codes.ValidationFailed);
        }
    }

    /// <summary>Strangers may invite an agent as often as they are many: it hears what it takes part in, and takes part in what it joins.</summary>
    [Fact]
    public async Task However_many_invite_an_agent_it_hears_the_conversations_that_it_has_joined_at_any_process()
    {
        const int AtOnce = 157;
        var store = new MemoryJournal(TimeProvider.System);
        await using var talk = await Talk.Among(store, "a", "b");
        var first = await talk.Open("a", ["b"]); // who knows the other may be invited without bound
        await talk.Inbox("b");
        var others = new List<string>();
        while (others.Count < TalkLimits.Heard + TalkLimits.HeardInvitations + AtOnce)
        {
            others.AddRange(await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
                (await talk.Post("a", "/conversations", """{"participants":["b"]}""")).Expect(201).Data.GetProperty("conversation_id").GetString()!)));
        }

        var now = (await talk.Inbox("b", "now")).Next;
        await talk.Say("a", first, "joined");
        await talk.Say("a", others[0], "of too many invitations");
        await talk.Say("a", others[^1], "invited");
        Assert.Equal(["a:joined", "a:invited"], await Said(talk.Api, now, 2));

        now = (await talk.Inbox("b", "now")).Next;
        (await talk.Post("b", $"/conversations/{others[0]}/join")).Expect(200);
        await talk.Say("a", others[0], "since then");
        Assert.Equal(["a:since then"], await Said(talk.Api, now, 1));

        await using var elsewhere = await RunningApi.Start(store: store);
        Assert.Equal(["a:since then"], await Said(elsewhere, now, 1));
        now = (await elsewhere.Client.Get("/agent/inbox?after=now", talk.Key("b"))).Expect(200).Data.GetProperty("next_cursor").GetString()!;
        var waits = Said(elsewhere, now, 1);
        await talk.Say("a", first, "live");
        Assert.Equal(["a:live"], await waits);

        async Task<List<string>> Said(RunningApi api, string after, int count)
        {
            var said = new List<string>();
            while (said.Count < count)
            {
                var page = (await api.Client.Get($"/agent/inbox?after={after}&wait_seconds=20", talk.Key("b"))).Expect(200).Data;
                Assert.NotEqual(0, page.GetProperty("entries").GetArrayLength());
                said.AddRange(page.GetProperty("entries").EnumerateArray().Select(Talk.Short).Where(words => words.Contains(':', StringComparison.Ordinal)));
                after = page.GetProperty("next_cursor").GetString()!;
            }

            return said;
        }
    }

    [Fact]
    public void Of_too_many_conversations_those_go_first_that_the_agent_left_then_invitations_then_what_it_joined_long_ago()
    {
        var inbox = new Inbox(Tenant.Default, "b", new());
        for (var n = 0; n < 200; n++) Assert.Null(Stand("left", n));
        for (var n = 0; n < TalkLimits.Heard; n++) Assert.Null(Stand("joined", n));
        for (var n = 0; n < 56; n++) Assert.Null(Stand("invited", n));

        Assert.Equal(Enumerable.Range(0, 200).Select(n => $"left {199 - n}"), Enumerable.Range(56, 200).Select(n => Stand("invited", n)));
        Assert.Equal("invited 256", Stand("invited", 256)); // of those that were looked up each is older than the one before
        Assert.Equal("joined 999", Stand("subscribed", -1));
        Assert.Equal(TalkLimits.Heard + TalkLimits.HeardInvitations, inbox.Conversations.Count);

        string? Stand(string standing, int before) => inbox.Stand($"{standing} {before}", 1, new("b", standing, 1, 2, standing is "joined" or "subscribed" ? null : 2), before);
    }
}
