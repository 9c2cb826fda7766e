using System.Collections.Concurrent;
using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.ScriptedModels;

namespace Agora.Api.Tests.Chats;

/// <summary>Something is said, a model replies as it comes, and what was said before it has read.</summary>
public sealed class SaidTests
{
    [Fact]
    public async Task A_reply_is_told_as_it_comes_costs_what_its_provider_counts_and_is_read_again()
    {
        await using var world = await ModelWorld.Start(new() { Reply = new() { Text = "Begin at Kasuga Taisha, early.", Reasoning = "They want to travel." }, Delivery = new() { ChunkCharacters = 5 } });
        await world.PutModel("m", "openai");
        var session = await world.Open();
        using var chat = new ChatClient(world, session);

        var told = await chat.Say("""{"model":"m","text":"Plan a trip to Nara."}""");

        Assert.Equal((200, "Begin at Kasuga Taisha, early.", "whole"), (told.Status, told.Text, told.End));
        Assert.Equal(["begun", "replying"], told.Events.Take(2).Select(e => e.Type));
        var cost = ModelWorld.Cost((await world.Truth("m")).Counts);
        Assert.Equal(cost, ModelWorld.Micros(told.Reply.GetProperty("cost_cents")));
        Assert.Equal(cost, await world.SpentInTheEnd(session));
        await world.NothingIsHeld(session);

        var turn = await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{told.Chat}/turns/1");
        Assert.Equal(("Plan a trip to Nara.", "Begin at Kasuga Taisha, early.", "whole", "stop"), (Text(turn, "text"), Text(turn.GetProperty("reply"), "text"), Text(turn.GetProperty("reply"), "state"), Text(turn.GetProperty("reply"), "finish")));
        Assert.Equal(told.Told, (await chat.Follow(told.Chat, 1)).Told);
        var listed = Assert.Single((await chat.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats").EnumerateArray());
        Assert.Equal((told.Chat, "Plan a trip to Nara.", 1), (listed.GetProperty("chat_id").GetGuid(), Text(listed, "title"), listed.GetProperty("turns").GetInt32()));
        Assert.Contains("Begin at Kasuga Taisha, early.", await world.Door.Get(session, $"/openai/v1/responses/resp_{told.Run:N}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_reads_the_branch_on_which_it_is_asked_and_no_other()
    {
        var read = new ConcurrentQueue<string>();
        await using var world = await ModelWorld.Start(new() { Choose = asked => Noted(read, asked) });
        await world.PutModel("m", "openai_chat");
        using var chat = new ChatClient(world, await world.Open());
        var first = await chat.Say("""{"model":"m","text":"one","instructions":"Be short."}""");
        var id = first.Chat;
        await chat.Say($$"""{"chat_id":"{{id}}","text":"two"}""");
        await chat.Say($$"""{"chat_id":"{{id}}","text":"two, otherwise","edits":2}""");
        var again = await chat.Say($$"""{"chat_id":"{{id}}","repeats":2}""");
        var onward = await chat.Say($$"""{"chat_id":"{{id}}","text":"three","after":3}""");
        var anew = await chat.Say($$"""{"chat_id":"{{id}}","text":"zero","after":0}""");

        Assert.Equal([4, 5, 6], new[] { again, onward, anew }.Select(told => told.Turn));
        const string Reply = "This is a scripted answer.";
        Assert.Equal(["Be short.|one", $"Be short.|one|{Reply}|two", $"Be short.|one|{Reply}|two, otherwise", $"Be short.|one|{Reply}|two", $"Be short.|one|{Reply}|two, otherwise|{Reply}|three", "zero"], read);
        var all = (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{id}")).GetProperty("turns").EnumerateArray().Select(turn => (turn.GetProperty("turn").GetInt32(), turn.GetProperty("after").GetInt32(), Text(turn, "text"))).ToList();
        Assert.Equal([(1, 0, "one"), (2, 1, "two"), (3, 1, "two, otherwise"), (4, 1, "two"), (5, 3, "three"), (6, 0, "zero")], all);
        Assert.Equal([1, 3, 5], (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{id}?branch=5")).GetProperty("turns").EnumerateArray().Select(turn => turn.GetProperty("turn").GetInt32()));
    }

    [Fact]
    public async Task The_window_bounds_what_is_read_again()
    {
        var read = new ConcurrentQueue<string>();
        await using var world = await ModelWorld.Start(new() { Choose = asked => Noted(read, asked) });
        await world.PutModel("m", "openai_chat");
        using var chat = new ChatClient(world, await world.Open());
        var id = (await chat.Say("""{"model":"m","text":"one"}""")).Chat;
        await chat.Say($$"""{"chat_id":"{{id}}","text":"two"}""");
        var byTurns = await chat.Say($$$"""{"chat_id":"{{{id}}}","text":"three","window":{"turns":1}}""");
        var byLength = await chat.Say($$$"""{"chat_id":"{{{id}}}","text":"four","window":{"characters":40}}""");

        Assert.Equal((2, 3), (byTurns.Reply.GetProperty("context_from").GetInt32(), byLength.Reply.GetProperty("context_from").GetInt32()));
        Assert.Equal(["two|This is a scripted answer.|three", "three|This is a scripted answer.|four"], read.Skip(2));
    }

    [Fact]
    public async Task A_router_chooses_the_model_and_says_why_and_another_replies_where_a_provider_does_nothing()
    {
        await using var world = await ModelWorld.Start(new() { Faults = [new FaultRule(new Fault.Status(503)) { When = static asked => asked.Model == "broken" }] });
        await world.PutModel("good", "openai");
        await world.PutModel("broken", "openai", more: ""","fallback":["good"]""");
        using var chat = new ChatClient(world, await world.Open());

        var told = await chat.Say("""{"model":"broken","text":"Hello."}""");

        Assert.Equal(("whole", "This is a scripted answer."), (told.End, told.Text));
        var called = told.Events.Where(e => e.Type == "replying").Select(e => (Text(e.Data, "model"), e.Data.TryGetProperty("route", out var why) ? why.GetString() : null)).ToList();
        Assert.Equal([("broken", null), ("good", "in place of broken, whose provider did nothing")], called);
        Assert.Equal(told.Told, (await chat.Follow(told.Chat, 1)).Told);
        Assert.Equal("good", Text(told.Reply, "model"));
    }

    [Fact]
    public async Task The_same_key_is_one_turn_and_one_bill()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "openai");
        var session = await world.Open();
        using var chat = new ChatClient(world, session);

        var first = await chat.Say("""{"model":"m","text":"Hello."}""", "key-1");
        var again = await chat.Say("""{"model":"m","text":"Hello."}""", "key-1");
        var asJson = await chat.Data(HttpMethod.Post, ChatClient.Path, """{"model":"m","text":"Hello."}""", "key-1");

        Assert.Equal(first.Told, again.Told);
        Assert.Equal(first.Text, Text(asJson.GetProperty("reply"), "text"));
        Assert.Equal(1, world.Upstream.Requests);
        Assert.Equal("idempotency_conflict", await chat.Refused(409, HttpMethod.Post, ChatClient.Path, """{"model":"m","text":"Something else."}""", "key-1"));
        Assert.Equal(ModelWorld.Cost((await world.Truth("m")).Counts), await world.SpentInTheEnd(session));
    }

    [Fact]
    public async Task What_is_wrong_is_told_and_changes_nothing()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "openai");
        var (session, other) = (await world.Open(user: "ann"), await world.Open(user: "bob"));
        using var chat = new ChatClient(world, session);
        using var stranger = new ChatClient(world, other);
        var told = await chat.Say("""{"model":"m","text":"Hello."}""");
        var second = await chat.Say("""{"model":"m","text":"Hello."}""");
        var id = told.Chat;

        foreach (var wrong in (string[])["""{"model":"m"}""", """{"text":"Hello."}""", $$"""{"chat_id":"{{id}}","text":"a","after":1,"edits":1}""", $$"""{"chat_id":"{{id}}","text":"a","repeats":1}""", """{"chat_id":"mine","model":"m","text":"a"}""", """{"model":"m","text":" "}""", """{"model":"m","text":"a","window":{"turns":201}}"""])
        {
            Assert.Equal("validation_failed", await chat.Refused(422, HttpMethod.Post, ChatClient.Path, wrong));
        }

        foreach (var gone in (string[])[$$"""{"chat_id":"{{id}}","text":"a","after":2}""", $$"""{"chat_id":"{{id}}","text":"a","edits":2}""", $$"""{"chat_id":"{{id}}","repeats":9}""", $$"""{"chat_id":"{{Guid.NewGuid()}}","text":"a"}""", """{"model":"none","text":"a"}"""])
        {
            Assert.Equal("not_found", await chat.Refused(404, HttpMethod.Post, ChatClient.Path, gone));
        }

        Assert.Equal("payload_too_large", await chat.Refused(413, HttpMethod.Post, ChatClient.Path, JsonSerializer.Serialize(new { model = "m", text = new string('a', 1 << 20) })));
        Assert.Equal("not_found", await stranger.Refused(404, HttpMethod.Post, ChatClient.Path, $$"""{"chat_id":"{{id}}","text":"a"}"""));
        foreach (var (method, path) in new[] { (HttpMethod.Get, $"{ChatClient.Path}/{id}"), (HttpMethod.Get, $"{ChatClient.Path}/{id}/turns/1"), (HttpMethod.Post, $"{ChatClient.Path}/{id}/turns/1/stop"), (HttpMethod.Delete, $"{ChatClient.Path}/{id}") })
        {
            Assert.Equal("not_found", await stranger.Refused(404, method, path));
        }

        Assert.Equal(422, (await chat.Follow(id, 1, second.Events[2].Id)).Status);
        Assert.Equal(2, world.Upstream.Requests);
        Assert.Equal(1, (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{id}")).GetProperty("total_count").GetInt32());
        Assert.Empty((await stranger.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats").EnumerateArray());
    }

    [Fact]
    public async Task Another_agent_of_the_same_user_lists_no_chat_and_reads_none()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "openai");
        using var chat = new ChatClient(world, await world.Open(user: "ann"));
        using var other = new ChatClient(world, await world.Open(user: "ann", agent: "agent-2"));
        var told = await chat.Say("""{"model":"m","text":"Hello."}""");

        Assert.Single((await chat.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats").EnumerateArray());
        Assert.Empty((await other.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats").EnumerateArray());
        Assert.Equal("not_found", await other.Refused(404, HttpMethod.Get, $"{ChatClient.Path}/{told.Chat}"));
    }

    [Fact]
    public async Task Whom_one_may_speak_with_is_listed_routers_too()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "openai");
        (await world.Api.Client.Admin(HttpMethod.Put, "/admin/services/either", """
            {"name":"Either","description":"A router","category":"model","max_price_cents":10000,"endpoint":"model:router","provider":"maker","routes":[{"to":"m"}]}
            """)).Expect(200);
        using var chat = new ChatClient(world, await world.Open());

        var listed = (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/models")).GetProperty("models").EnumerateArray();

        Assert.Equal([("either", true), ("m", false)], listed.Select(static model => (Text(model, "model")!, model.GetProperty("chooses").GetBoolean())));
        Assert.Equal("either, rule 1: no rule before it fits", (await chat.Say("""{"model":"either","text":"Hello."}""")).Reply.GetProperty("route").GetString());
    }

    [Fact]
    public async Task What_was_deleted_is_gone_and_what_is_thought_of_a_reply_stands_with_it()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "openai");
        var session = await world.Open();
        using var chat = new ChatClient(world, session);
        var told = await chat.Say("""{"model":"m","text":"Hello."}""");
        Assert.Contains("scripted answer", await world.Door.Get(session, $"/openai/v1/responses/resp_{told.Run:N}"), StringComparison.Ordinal);

        var rated = await chat.Data(HttpMethod.Post, $"{ChatClient.Path}/{told.Chat}/turns/1/feedback", """{"thumb":"down","correction":"Good evening."}""");
        Assert.Equal(("down", "Good evening."), (Text(rated.GetProperty("feedback"), "thumb"), Text(rated.GetProperty("feedback"), "correction")));
        Assert.Equal("validation_failed", await chat.Refused(422, HttpMethod.Post, $"{ChatClient.Path}/{told.Chat}/turns/1/feedback", "{}"));

        await chat.Data(HttpMethod.Delete, $"{ChatClient.Path}/{told.Chat}");
        Assert.Equal("not_found", await chat.Refused(404, HttpMethod.Get, $"{ChatClient.Path}/{told.Chat}"));
        Assert.Equal(404, (await chat.Send(HttpMethod.Get, $"/openai/v1/responses/resp_{told.Run:N}")).Status);
        Assert.Equal("not_found", await chat.Refused(404, HttpMethod.Post, ChatClient.Path, $$"""{"chat_id":"{{told.Chat}}","text":"a","edits":1}"""));
        Assert.Empty((await chat.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats").EnumerateArray());
    }

    [Fact]
    public async Task Of_a_chat_that_was_deleted_the_replies_of_all_branches_are_gone()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "openai");
        using var chat = new ChatClient(world, await world.Open());
        var first = await chat.Say("""{"model":"m","text":"Hello."}""");
        var edited = await chat.Say($$"""{"chat_id":"{{first.Chat}}","text":"Good evening.","edits":1}""");
        var runs = new[] { first.Run, edited.Run };
        foreach (var run in runs) Assert.Equal(200, (await chat.Send(HttpMethod.Get, $"/openai/v1/responses/resp_{run:N}")).Status);

        await chat.Data(HttpMethod.Delete, $"{ChatClient.Path}/{first.Chat}");

        foreach (var run in runs) Assert.Equal(404, (await chat.Send(HttpMethod.Get, $"/openai/v1/responses/resp_{run:N}")).Status);
    }

    /// <summary>Whatever is said in the very moment in which the chat is deleted: no reply to it is left that anybody could read.</summary>
    [Fact]
    public async Task What_is_said_while_a_chat_is_deleted_leaves_no_reply()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("m", "openai_chat");
        using var chat = new ChatClient(world, await world.Open("100000"));
        for (var round = 0; round < 10; round++)
        {
            var id = (await chat.Say("""{"model":"m","text":"Hello."}""")).Chat;
            var said = Enumerable.Range(0, 4).Select(_ => chat.Send(HttpMethod.Post, ChatClient.Path, $$"""{"chat_id":"{{id}}","after":1,"text":"More."}""")).ToList();
            await Task.Delay(round * 2);
            await chat.Data(HttpMethod.Delete, $"{ChatClient.Path}/{id}");
            await Task.WhenAll(said);
        }

        var runs = (await chat.Data(HttpMethod.Get, "/agent/runs?limit=100")).GetProperty("runs").EnumerateArray().Select(static run => run.GetProperty("run_id").GetGuid()).ToList();
        Assert.True(runs.Count > 10, $"{runs.Count} runs");
        foreach (var run in runs) Assert.Equal(404, (await chat.Send(HttpMethod.Get, $"/openai/v1/responses/resp_{run:N}")).Status);
        Assert.Equal(0, (await chat.Data(HttpMethod.Get, "/agent/flow/status")).GetProperty("budget").GetProperty("reserved_cents").GetDecimal());
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();

    /// <summary>What a model reads, and the usual answer.</summary>
    private static Reply? Noted(ConcurrentQueue<string> read, Asked asked)
    {
        read.Enqueue(string.Join('|', asked.Body.GetProperty("messages").EnumerateArray().Select(static message => message.GetProperty("content")).Select(static content =>
            content.ValueKind == JsonValueKind.String ? content.GetString() : content[0].GetProperty("text").GetString())));
        return null;
    }
}
