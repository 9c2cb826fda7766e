using System.Globalization;
using System.Text.Json;
using Agora.Api.Tests.Models;

namespace Agora.Api.Tests.Chats.Moves;

/// <summary>Turns of an older chat over HTTP: once, in order, without a call, and their user's alone.</summary>
public sealed class ImportTests
{
    private const string Path = $"{ChatClient.Path}/imports";

    [Fact]
    public async Task Turns_are_there_once_however_often_and_in_whatever_parts_they_are_sent()
    {
        await using var world = await ModelWorld.Start();
        using var chat = new ChatClient(world, await world.Open(user: "ann"));
        var all = Enumerable.Range(1, 250).Select(static i => (Text: $"q{i}", Reply: $"a{i}")).ToArray();

        var looked = await chat.Data(HttpMethod.Post, Path, Body(all, more: ",\"dry_run\":true"));
        Assert.Equal((250, 0), (looked.GetProperty("added").GetInt32(), looked.GetProperty("turns").GetInt32()));
        Assert.Empty((await chat.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats").EnumerateArray());
        var first = await chat.Data(HttpMethod.Post, Path, Body(all[..120]));
        var second = await chat.Data(HttpMethod.Post, Path, Body(all));
        var part = await chat.Data(HttpMethod.Post, Path, Body(all[200..], more: ",\"after\":200"));

        Assert.Equal((120, 130, 0), (first.GetProperty("added").GetInt32(), second.GetProperty("added").GetInt32(), part.GetProperty("added").GetInt32()));
        Assert.Equal(Enumerable.Range(201, 50), part.GetProperty("known").EnumerateArray().Select(static number => number.GetInt32()));
        Assert.Equal((250, false, 250), (second.GetProperty("turns").GetInt32(), part.GetProperty("differs").GetBoolean(), part.GetProperty("newest_imported").GetInt32()));
        Assert.Equal(0, world.Upstream.Requests);
        var many = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => chat.Data(HttpMethod.Post, Path, Body([.. all, ("once", "more")]))));
        Assert.Equal(1, many.Sum(static one => one.GetProperty("added").GetInt32()));
        var id = second.GetProperty("chat_id").GetString();
        var shown = await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{id}?offset=249&limit=10");
        Assert.Equal([("q250", 249), ("once", 250)], shown.GetProperty("turns").EnumerateArray().Select(static turn => (turn.GetProperty("text").GetString(), turn.GetProperty("after").GetInt32())));
    }

    [Fact]
    public async Task A_model_reads_what_was_imported_with_its_replies_and_is_the_one_that_was_named()
    {
        var read = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var world = await ModelWorld.Start(new() { Choose = asked => { read.Enqueue(asked.Body.GetRawText()); return null; } });
        await world.PutModel("m", "openai_chat");
        using var chat = new ChatClient(world, await world.Open());
        var id = (await chat.Data(HttpMethod.Post, Path, """{"origin":"flask","origin_id":"s","model":"m","turns":[{"reply":"Welcome."},{"text":"one","reply":"1","instructions":"Be short.","at":"2024-05-01T10:00:00Z","model":"gpt-3"},{"text":"unanswered","instructions":"Be short."}]}""")).GetProperty("chat_id").GetGuid();

        var told = await chat.Say($$"""{"chat_id":"{{id}}","text":"two"}""");

        Assert.Equal(("whole", 4), (told.End, told.Turn));
        var messages = JsonElement.Parse(Assert.Single(read)).GetProperty("messages").EnumerateArray().Select(static message => (message.GetProperty("role").GetString(), Said(message.GetProperty("content")))).ToList();
        Assert.Equal([("assistant", "Welcome."), ("user", "one"), ("assistant", "1"), ("user", "unanswered"), ("user", "two")], messages.Where(static message => message.Item1 is "user" or "assistant"));
        Assert.Equal(["Be short."], messages.Where(static message => message.Item1 is not ("user" or "assistant")).Select(static message => message.Item2));
        var turn = await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{id}/turns/2");
        Assert.Equal(("2024-05-01T10:00:00.000000Z", "gpt-3", "m"), (turn.GetProperty("said_at").GetString(), turn.GetProperty("reply").GetProperty("model").GetString(), turn.GetProperty("model").GetString()));

        // What was said elsewhere is a turn like any other: it is thought of, said again, and not stopped.
        Assert.Equal("up", (await chat.Data(HttpMethod.Post, $"{ChatClient.Path}/{id}/turns/2/feedback", """{"thumb":"up"}""")).GetProperty("feedback").GetProperty("thumb").GetString());
        Assert.Equal("imported", (await chat.Data(HttpMethod.Post, $"{ChatClient.Path}/{id}/turns/2/stop", "{}")).GetProperty("reply").GetProperty("state").GetString());
        Assert.Equal("whole", (await chat.Say($$"""{"chat_id":"{{id}}","repeats":2}""")).End);
        Assert.Equal("not_found", await chat.Refused(404, HttpMethod.Post, ChatClient.Path, $$"""{"chat_id":"{{id}}","repeats":1}"""));
    }

    [Fact]
    public async Task It_is_its_agents_and_users_alone_is_gone_when_it_is_deleted_and_erased_with_its_user()
    {
        await using var world = await ModelWorld.Start();
        using var ann = new ChatClient(world, await world.Open(user: "ann"));
        using var bob = new ChatClient(world, await world.Open(user: "bob"));
        using var other = new ChatClient(world, await world.Open(user: "ann", agent: "agent-2"));
        var body = Body([("one", "1")]);
        var ids = new List<Guid>();
        foreach (var chat in new[] { ann, bob, other }) ids.Add((await chat.Data(HttpMethod.Post, Path, body)).GetProperty("chat_id").GetGuid());

        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal("not_found", await bob.Refused(404, HttpMethod.Get, $"{ChatClient.Path}/{ids[0]}"));
        Assert.Equal("not_found", await other.Refused(404, HttpMethod.Get, $"{ChatClient.Path}/{ids[0]}"));

        await ann.Data(HttpMethod.Delete, $"{ChatClient.Path}/{ids[0]}");
        Assert.Equal("not_found", await ann.Refused(404, HttpMethod.Post, Path, body)); // what the person deleted does not come back
        (await world.Api.Client.Admin(HttpMethod.Delete, "/admin/users/bob/personal-data")).Expect(200);
        var left = await bob.Send(HttpMethod.Get, $"{ChatClient.Path}/{ids[1]}");
        Assert.DoesNotContain("one", left.Json.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"origin":"flask","origin_id":"s","model":"m","turns":[]}""")]
    [InlineData("""{"origin":"flask","model":"m","turns":[{"text":"a"}]}""")]
    [InlineData("""{"origin":"flask","origin_id":"s","model":"m","turns":[{}]}""")]
    [InlineData("""{"origin":"flask","origin_id":"s","model":"m","turns":[{"text":""}]}""")]
    [InlineData("""{"origin":"flask","origin_id":"s","model":"m","turns":[{"text":"a\u0000b"}]}""")]
    [InlineData("""{"origin":"flask","origin_id":"","model":"m","turns":[{"text":"a"}]}""")]
    [InlineData("""{"origin":"flask","origin_id":"s","turns":[{"text":"a"}]}""")]
    [InlineData("""{"origin":"flask","origin_id":"s","model":"m","on_difference":"overwrite","turns":[{"text":"a"}]}""")]
    public async Task What_is_wrong_is_refused(string body)
    {
        await using var world = await ModelWorld.Start();
        using var chat = new ChatClient(world, await world.Open());

        Assert.Equal("validation_failed", await chat.Refused(422, HttpMethod.Post, Path, body));
    }

    [Fact]
    public async Task It_has_the_bounds_of_a_chat()
    {
        await using var world = await ModelWorld.Start();
        using var chat = new ChatClient(world, await world.Open());
        var all = Enumerable.Range(1, 1_000).Select(static i => (Text: $"q{i}", Reply: $"a{i}")).ToArray();

        Assert.Equal(1_000, (await chat.Data(HttpMethod.Post, Path, Body(all))).GetProperty("added").GetInt32());
        Assert.Equal("not_eligible", await chat.Refused(403, HttpMethod.Post, Path, Body([("one", "more")], more: ",\"after\":1000,\"on_difference\":\"branch\"")));
        Assert.Equal("not_found", await chat.Refused(404, HttpMethod.Post, Path, Body([("a", "b")], "other", ",\"after\":7")));
        for (var i = 0; i < 198; i++) await chat.Data(HttpMethod.Post, Path, Body([("a", "b")], i.ToString(CultureInfo.InvariantCulture)));
        await chat.Data(HttpMethod.Post, Path, Body([("a", "b")], "the last"));
        Assert.Equal("not_eligible", await chat.Refused(403, HttpMethod.Post, Path, Body([("a", "b")], "one too many")));
    }

    private static string Body(IEnumerable<(string Text, string Reply)> turns, string id = "s", string more = "") =>
        $$"""{"origin":"flask","origin_id":"{{id}}","model":"m"{{more}},"turns":{{JsonSerializer.Serialize(turns.Select(static turn => new { text = turn.Text, reply = turn.Reply }))}}}""";

    private static string? Said(JsonElement content) => content.ValueKind == JsonValueKind.String ? content.GetString() : content[0].GetProperty("text").GetString();
}
