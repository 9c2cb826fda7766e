using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.Core.Chats;
using Agora.Models;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Chats;

/// <summary>Whoever is cut off reads on where it was; leaving is not stopping, and stopping holds for all.</summary>
public sealed class FollowTests
{
    private const string Hello = """{"model":"m","text":"Hello."}""";

    [Fact]
    public async Task Whoever_leaves_goes_on_behind_any_event_and_misses_nothing()
    {
        var (world, session, chat) = await Start(Slowly(40));
        await using var _ = world;
        using var __ = chat;

        var begun = await Leave(chat);
        var (first, again) = (chat.Follow(begun.Chat, 1), chat.Follow(begun.Chat, 1));
        var all = await first;

        Assert.Equal(("whole", all.Told), (all.End, (await again).Told));
        Assert.StartsWith(begun.Told, all.Told, StringComparison.Ordinal);
        for (var place = 0; place < all.Events.Count; place++)
        {
            var rest = await chat.Follow(begun.Chat, 1, all.Events[place].Id);
            Assert.Equal(all.Events.Skip(place + 1).Select(static e => (e.Id, e.Data.GetRawText())), rest.Events.Select(static e => (e.Id, e.Data.GetRawText())));
        }

        Assert.Equal(ModelWorld.Cost((await world.Truth("m")).Counts), await world.SpentInTheEnd(session));
    }

    [Fact]
    public async Task Stopping_ends_it_for_all_and_after_a_resume_and_it_costs_what_its_provider_counts()
    {
        var (world, session, chat) = await Start(Slowly(200));
        await using var _ = world;
        using var __ = chat;
        using var made = await chat.Begin(HttpMethod.Post, ChatClient.Path, Hello);
        using var reader = new StreamReader(await made.Content.ReadAsStreamAsync());
        var begun = await Until(reader, "event: text");
        var other = chat.Follow(begun.Chat, 1, begun.Events[^1].Id);
        await Task.Delay(200);

        var stopped = await chat.Data(HttpMethod.Post, $"{ChatClient.Path}/{begun.Chat}/turns/1/stop");
        var again = await chat.Data(HttpMethod.Post, $"{ChatClient.Path}/{begun.Chat}/turns/1/stop");

        Assert.Equal(("stopped", "stopped"), (stopped.GetProperty("reply").GetProperty("state").GetString(), again.GetProperty("reply").GetProperty("state").GetString()));
        var followed = await other;
        var told = new ToldTurn(200, begun.Body + await reader.ReadToEndAsync());
        Assert.Equal(("stopped", "stopped"), (followed.End, told.End));
        var shown = stopped.GetProperty("reply").GetProperty("text").GetString()!;
        Assert.Equal((shown, shown), (told.Text, (await chat.Follow(begun.Chat, 1)).Text));
        Assert.True(shown.Length < Reply.OfTokens(200).Text.Length);
        Assert.Equal(ModelWorld.Cost((await world.Truth("m")).Counts), await world.SpentInTheEnd(session));
        await world.NothingIsHeld(session);

        var next = await chat.Say($$"""{"chat_id":"{{begun.Chat}}","text":"And then?"}""");
        Assert.Equal("whole", next.End);
    }

    [Fact]
    public async Task Whoever_is_not_let_in_any_more_is_shown_no_more_and_the_reply_goes_on()
    {
        var (world, session, chat) = await Start(Slowly(500));
        await using var _ = world;
        using var __ = chat;
        using var other = new ChatClient(world, await world.Open(user: "user-1"));
        var left = await Leave(chat);
        using var here = await chat.Begin(HttpMethod.Get, $"{ChatClient.Path}/{left.Chat:D}/turns/1", null);
        using var there = await other.Begin(HttpMethod.Get, $"{ChatClient.Path}/{left.Chat:D}/turns/1", null);

        (await world.Api.Client.Send(HttpMethod.Delete, "/agent/session", session.Token)).Expect(200);

        var cut = await here.Content.ReadAsStringAsync();
        Assert.True(here.StatusCode == System.Net.HttpStatusCode.OK && new ToldTurn(200, cut).End == "text", $"{here.StatusCode}: {cut}");
        Assert.Equal(401, (await chat.Follow(left.Chat, 1)).Status);
        Assert.Equal("whole", new ToldTurn(200, await there.Content.ReadAsStringAsync()).End);
    }

    [Fact]
    public async Task Nothing_is_said_behind_a_reply_that_goes_on_until_it_is_stopped()
    {
        var (world, _, chat) = await Start(Slowly(500));
        await using var __ = world;
        using var ___ = chat;
        var left = await Leave(chat);
        var more = $$"""{"chat_id":"{{left.Chat}}","text":"And now?"}""";

        Assert.Equal("unavailable", await chat.Refused(503, HttpMethod.Post, ChatClient.Path, more, "key"));
        await chat.Data(HttpMethod.Post, $"{ChatClient.Path}/{left.Chat}/turns/1/stop");
        var (status, json) = await chat.Send(HttpMethod.Post, ChatClient.Path, more, "key");
        Assert.True((status, json.GetProperty("data").GetProperty("turn").GetInt32()) == (200, 2), json.GetRawText());
    }

    [Fact]
    public async Task A_provider_that_floods_is_cut_off_long_before_it_fills_anything()
    {
        var (world, _, chat) = await Start(new() { Reply = new Reply { Fault = new Fault.Endless() }, Delivery = new() { ChunkCharacters = 4_000 } });
        await using var __ = world;
        using var ___ = chat;

        var told = await chat.Say("""{"model":"m","text":"Hello.","max_output_tokens":16}""");

        Assert.Equal("failed", told.End);
        Assert.InRange(told.Text.Length, 60_000, ModelLimits.SaidOf(16) + 64_000);
    }

    [Fact]
    public async Task Whoever_follows_a_chat_that_is_deleted_is_told_no_more_of_it_than_that_it_is_over()
    {
        var (world, _, chat) = await Start(Slowly(500));
        await using var __ = world;
        using var ___ = chat;
        using var asked = await chat.Begin(HttpMethod.Post, ChatClient.Path, Hello);
        using var own = new StreamReader(await asked.Content.ReadAsStreamAsync());
        var left = await Until(own, "event: text");
        using var here = await chat.Begin(HttpMethod.Get, $"{ChatClient.Path}/{left.Chat:D}/turns/1", null);
        using var late = await chat.Begin(HttpMethod.Get, $"{ChatClient.Path}/{left.Chat:D}/turns/1", null, after: left.Events[0].Id);

        await chat.Data(HttpMethod.Delete, $"{ChatClient.Path}/{left.Chat}");

        foreach (var body in new[] { left.Body + await own.ReadToEndAsync(), await here.Content.ReadAsStringAsync(), await late.Content.ReadAsStringAsync() })
        {
            var told = new ToldTurn(200, body);
            Assert.True(told.Text.Length < Reply.OfTokens(500).Text.Length / 2, body);
            Assert.Equal(("stopped", left.Run), (told.End, told.Reply.GetProperty("run_id").GetGuid()));
            Assert.Single(told.Events, static e => e.Type == "stopped");
        }

        Assert.Equal(404, (await chat.Follow(left.Chat, 1)).Status);
    }

    [Fact]
    public async Task A_reply_that_is_deleted_at_the_door_ended_as_it_did_and_whoever_heard_more_is_told_its_end()
    {
        var (world, session, chat) = await Start(new());
        await using var _ = world;
        using var __ = chat;
        var said = await chat.Say(Hello);

        Assert.Equal(200, (await world.Door.Send(session, HttpMethod.Delete, $"/openai/v1/responses/resp_{said.Run:N}")).Status);

        var reply = (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{said.Chat}/turns/1")).GetProperty("reply");
        Assert.Equal(("whole", JsonValueKind.Null, said.Reply.GetProperty("cost_cents").GetRawText()), (reply.GetProperty("state").GetString(), reply.GetProperty("text").ValueKind, reply.GetProperty("cost_cents").GetRawText()));
        Assert.Equal(["begun", "replying", "whole"], (await chat.Follow(said.Chat, 1)).Events.Select(static e => e.Type));
        Assert.Equal(["whole"], (await chat.Follow(said.Chat, 1, said.Events[^2].Id)).Events.Select(static e => e.Type));
    }

    [Fact]
    public async Task What_comes_steadily_is_shown_steadily()
    {
        var (world, _, chat) = await Start(Slowly(60));
        await using var __ = world;
        using var ___ = chat;

        var told = await chat.Say(Hello);

        // In 20 ms steps it takes seconds, and what is shown at once came within a tenth of one.
        Assert.True(told.Events.Count(static e => e.Type == "text") >= 8, told.Body);
    }

    [Fact]
    public async Task Whoever_has_followed_to_the_end_gives_the_place_back()
    {
        var (world, _, chat) = await Start(new());
        await using var __ = world;
        using var ___ = chat;
        var told = await chat.Say(Hello);

        for (var n = 0; n <= ChatLimits.Followers; n++)
        {
            var followed = await chat.Follow(told.Chat, 1);
            Assert.True((followed.Status, followed.Told) == (200, told.Told), $"{n}: {followed.Status} {followed.Body}");
        }
    }

    [Fact]
    public async Task One_that_has_ended_is_not_stopped()
    {
        var (world, _, chat) = await Start(new());
        await using var __ = world;
        using var ___ = chat;
        var told = await chat.Say(Hello);

        Assert.Equal("whole", (await chat.Data(HttpMethod.Post, $"{ChatClient.Path}/{told.Chat}/turns/1/stop")).GetProperty("reply").GetProperty("state").GetString());
        Assert.Equal("not_found", await chat.Refused(404, HttpMethod.Post, $"{ChatClient.Path}/{told.Chat}/turns/2/stop"));
        Assert.Equal(422, (await chat.Follow(told.Chat, 1, "elsewhere")).Status);
        Assert.Empty((await chat.Follow(told.Chat, 1, told.Events[^1].Id)).Events);
        Assert.Equal(["whole"], (await chat.Follow(told.Chat, 1, $"{told.Events[0].Id.Split('.')[0]}.9999")).Events.Select(static e => e.Type)); // an id beyond the end waits for nothing
    }

    [Theory]
    [InlineData("a byte a chunk")]
    [InlineData("cut off")]
    [InlineData("endless")]
    [InlineData("nothing")]
    [InlineData("refused")]
    public async Task Whatever_the_provider_does_the_turn_has_an_end_that_all_read_alike(string how)
    {
        var (world, session, chat) = await Start(how switch
        {
            "a byte a chunk" => new() { Delivery = new() { Pieces = new(7, 1, 1) } },
            "cut off" => new() { Faults = [FaultRule.Always(new Fault.EndEarly(3))] },
            "endless" => new() { Faults = [FaultRule.Always(new Fault.Endless())] },
            "nothing" => new() { Reply = new() { Text = "" } },
            _ => new() { Faults = [FaultRule.Always(new Fault.Status(503))] },
        });
        await using var _ = world;
        using var __ = chat;

        var told = await chat.Say(Hello);

        Assert.Equal(how is "cut off" or "refused" or "endless" ? "failed" : "whole", told.End);
        Assert.Equal(told.Told, (await chat.Follow(told.Chat, 1)).Told);
        Assert.Equal(told.Text, (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{told.Chat}/turns/1")).GetProperty("reply").GetProperty("text").GetString());
        Assert.Equal(ModelWorld.Micros(told.Reply.GetProperty("cost_cents")), await world.SpentInTheEnd(session));
        await world.NothingIsHeld(session);
    }

    [Fact]
    public async Task What_no_limit_has_room_for_is_not_said()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "openai");
        using var chat = new ChatClient(world, await world.Open(budgetCents: "0.0001"));

        Assert.Equal("budget_exceeded", await chat.Refused(403, HttpMethod.Post, ChatClient.Path, Hello));
        Assert.Empty((await chat.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats").EnumerateArray());
        Assert.Equal(0, world.Upstream.Requests);
    }

    private static Script Slowly(int tokens) => new() { Reply = Reply.OfTokens(tokens), Delivery = new() { ChunkCharacters = 4, Pause = TimeSpan.FromMilliseconds(20) } };

    private static async Task<(ModelWorld World, ModelSession Session, ChatClient Chat)> Start(Script script)
    {
        var world = await ModelWorld.Start(script);
        await world.PutModel("m", "openai");
        var session = await world.Open();
        return (world, session, new(world, session));
    }

    /// <summary>Goes away when the first text is there.</summary>
    private static async Task<ToldTurn> Leave(ChatClient chat)
    {
        using var leaving = new CancellationTokenSource();
        using var reply = await chat.Begin(HttpMethod.Post, ChatClient.Path, Hello, leaving: leaving.Token);
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        return await Until(reader, "event: text");
    }

    /// <summary>All up to the frame that begins so.</summary>
    private static async Task<ToldTurn> Until(StreamReader reader, string wanted)
    {
        var (text, isThere) = (new System.Text.StringBuilder(), false);
        while (await reader.ReadLineAsync() is { } line)
        {
            text.Append(line).Append('\n');
            isThere |= line == wanted;
            if (isThere && line.Length == 0) return new(200, text.ToString());
        }

        throw new InvalidOperationException($"No {wanted} in {text}");
    }
}
