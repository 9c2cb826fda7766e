using Agora.Api.Tests.Models;
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
    public async Task One_that_has_ended_is_not_stopped()
    {
        var (world, _, chat) = await Start(new());
        await using var __ = world;
        using var ___ = chat;
        var told = await chat.Say(Hello);

        Assert.Equal("whole", (await chat.Data(HttpMethod.Post, $"{ChatClient.Path}/{told.Chat}/turns/1/stop")).GetProperty("reply").GetProperty("state").GetString());
        Assert.Equal("not_found", await chat.Refused(404, HttpMethod.Post, $"{ChatClient.Path}/{told.Chat}/turns/2/stop"));
        Assert.Equal(422, (await chat.Follow(told.Chat, 1, "elsewhere")).Status);
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
