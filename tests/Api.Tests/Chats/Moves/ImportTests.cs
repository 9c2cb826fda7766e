using System.Globalization;
using System.Text;
using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Moves;
using Agora.Journal.Memory;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Chats.Moves;

/// <summary>Turns of an older chat over HTTP: once, in order, without a call, and their user's alone.</summary>
public sealed class ImportTests
{
    private const string Side = $"{ChatClient.Path}/side";
    private const string Path = $"{ChatClient.Path}/imports";

    [Fact]
    public async Task Turns_are_there_once_however_often_and_in_whatever_parts_they_are_sent()
    {
        await using var world = await World();
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
        await using var world = await World();
        using var ann = new ChatClient(world, await world.Open(user: "ann"));
        using var bob = new ChatClient(world, await world.Open(user: "bob"));
        using var other = new ChatClient(world, await world.Open(user: "ann", agent: "agent-2"));
        var body = Body([("one", "1")]);
        var ids = new List<Guid>();
        foreach (var (chat, its) in new[] { (ann, body), (bob, Body([("one", "1")], "b")), (other, Body([("one", "1")], "o")) }) ids.Add((await chat.Data(HttpMethod.Post, Path, its)).GetProperty("chat_id").GetGuid());

        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal("not_found", await bob.Refused(404, HttpMethod.Get, $"{ChatClient.Path}/{ids[0]}"));
        Assert.Equal("not_found", await other.Refused(404, HttpMethod.Get, $"{ChatClient.Path}/{ids[0]}"));

        await ann.Data(HttpMethod.Delete, $"{ChatClient.Path}/{ids[0]}");
        Assert.Equal("not_found", await ann.Refused(404, HttpMethod.Post, Path, body)); // what the person deleted does not come back
        (await world.Api.Client.Admin(HttpMethod.Delete, "/admin/users/bob/personal-data")).Expect(200);
        var left = await bob.Send(HttpMethod.Get, $"{ChatClient.Path}/{ids[1]}");
        Assert.DoesNotContain("one", left.Json.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_it_comes_from_stands_with_its_words_under_the_key_of_its_user()
    {
        var store = new MemoryJournal(TimeProvider.System);
        await using var world = await ModelWorld.Start(store: store);
        await world.PutModel("m", "openai_chat");
        using var chat = new ChatClient(world, await world.Open(user: "ann"));
        var id = (await chat.Data(HttpMethod.Post, Path, """{"origin":"diary-of-ann","origin_id":"s","model":"m","turns":[{"text":"one","reply":"1","model":"voice-of-ann"},{"text":"two","reply":"2"}]}""")).GetProperty("chat_id").GetGuid();

        var models = (await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{id}")).GetProperty("turns").EnumerateArray().Select(static turn => turn.GetProperty("reply").GetProperty("model").GetString());
        Assert.Equal(["voice-of-ann", "diary-of-ann"], models);
        foreach (var stream in await store.Streams("", null, 1_000, CancellationToken.None))
        {
            foreach (var row in await store.Read(stream, 0, 1_000, CancellationToken.None)) Assert.DoesNotContain("-of-ann", Encoding.UTF8.GetString(row.Body.Span), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_session_is_switched_when_all_of_it_has_come_and_is_whose_it_was_first()
    {
        await using var world = await World();
        using var ann = new ChatClient(world, await world.Open(user: "ann"));
        using var bob = new ChatClient(world, await world.Open(user: "bob"));
        await ann.Data(HttpMethod.Post, Path, Body([("one", "1")], more: ",\"more\":true"));
        await ann.Data(HttpMethod.Put, Side, """{"side":"new"}""");
        Assert.Equal("old", await Where(world, "s"));

        // Another who knows the id neither has it nor keeps it from its user.
        Assert.Equal("not_eligible", await bob.Refused(403, HttpMethod.Post, Path, Body([("mine", "now")])));
        using var other = new ChatClient(world, await world.Open(user: "ann", agent: "agent-2"));
        Assert.Equal("not_eligible", await other.Refused(403, HttpMethod.Post, Path, Body([("mine", "now")])));
        await ann.Data(HttpMethod.Post, Path, Body([("two", "2")], more: ",\"after\":1"));
        Assert.Equal("new", await Where(world, "s"));

        // One whose past is another by now has not come, either.
        await ann.Data(HttpMethod.Post, Path, Body([("a", "1")], "other", ",\"more\":true"));
        Assert.True((await ann.Data(HttpMethod.Post, Path, Body([("a", "2")], "other"))).GetProperty("differs").GetBoolean());
        Assert.Equal("old", await Where(world, "other"));

        // What is refused in part stays there, whatever came of it.
        var much = Enumerable.Range(1, 800).Select(static i => (Text: $"q{i}", Reply: new string('x', 12_000))).ToArray();
        await ann.Data(HttpMethod.Post, Path, Body(much[..250], "long", ",\"more\":true"));
        await ann.Data(HttpMethod.Post, Path, Body(much[250..500], "long", ",\"after\":250,\"more\":true"));
        Assert.Equal("not_eligible", await ann.Refused(403, HttpMethod.Post, Path, Body(much[500..750], "long", ",\"after\":500")));
        Assert.Equal("old", await Where(world, "long"));
        await ann.Data(HttpMethod.Post, Path, Body([("a", "b")], "short"));
        Assert.Equal("new", await Where(world, "short"));
    }

    /// <summary>Two turns in one place say the same: what comes is found behind whichever it stands.</summary>
    [Fact]
    public async Task What_stands_behind_words_that_were_said_twice_is_found()
    {
        const string Reply = "This is a scripted answer.";
        await using var world = await World();
        using var chat = new ChatClient(world, await world.Open());
        var id = (await chat.Data(HttpMethod.Post, Path, Body([("one", Reply)]))).GetProperty("chat_id").GetString();
        await chat.Say($$"""{"chat_id":"{{id}}","repeats":1}""");
        await chat.Say($$"""{"chat_id":"{{id}}","after":2,"text":"two"}""");

        var again = await chat.Data(HttpMethod.Post, Path, Body([("one", Reply), ("two", Reply)]));

        Assert.Equal((0, 3, "2,3", false), (again.GetProperty("added").GetInt32(), again.GetProperty("turns").GetInt32(), string.Join(',', again.GetProperty("known").EnumerateArray()), again.GetProperty("differs").GetBoolean()));
    }

    /// <summary>Two who ask at the same moment may both have it.</summary>
    [Fact]
    public async Task A_session_that_two_users_have_is_the_old_sides()
    {
        await using var world = await World();
        using var ann = new ChatClient(world, await world.Open(user: "ann"));
        await ann.Data(HttpMethod.Post, Path, Body([("one", "1")]));
        await ann.Data(HttpMethod.Put, Side, """{"side":"new"}""");
        Assert.Equal("new", await Where(world, "s"));

        // As a request has it that had looked before ann's was there.
        var (bob, session) = (world.Api.Services.GetRequiredService<IEntities>().In(Tenant.Default).Move(MoveIds.Of("agent-1", "bob")), MoveIds.SessionOf("s"));
        foreach (var command in (MoveCommand[])[new MoveCommand.Know(session), new MoveCommand.Come(session), new MoveCommand.Switch(MoveSides.New)])
        {
            Assert.Null((await bob.Send(command, new(Guid.CreateVersion7()))).Rejection);
        }

        Assert.Equal("old", await Where(world, "s"));
    }

    [Fact]
    public async Task A_switch_that_is_repeated_under_its_key_is_answered_as_it_was_and_switches_nobody()
    {
        await using var world = await World();
        using var ann = new ChatClient(world, await world.Open(user: "ann"));
        await ann.Data(HttpMethod.Post, Path, Body([("one", "1")]));
        var first = await ann.Data(HttpMethod.Put, Side, """{"side":"new"}""", "once");
        await ann.Data(HttpMethod.Put, Side, """{"side":"old"}""");

        var again = await ann.Data(HttpMethod.Put, Side, """{"side":"new"}""", "once");

        Assert.Equal(first.GetRawText(), again.GetRawText());
        Assert.Equal(("old", "old"), (await Where(world, "s"), (await ann.Data(HttpMethod.Get, Side)).GetProperty("side").GetString()));
        Assert.Equal("idempotency_conflict", await ann.Refused(409, HttpMethod.Put, Side, """{"side":"both"}""", "once"));
    }

    [Fact]
    public async Task A_page_of_long_turns_ends_before_it_fills_the_memory_and_the_next_goes_on()
    {
        await using var world = await World();
        using var chat = new ChatClient(world, await world.Open());
        var id = (await chat.Data(HttpMethod.Post, Path, Body(Enumerable.Range(1, 12).Select(static i => (Text: $"q{i}", Reply: new string('x', 250_000)))))).GetProperty("chat_id").GetString();

        var first = await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{id}?limit=100");
        var next = await chat.Data(HttpMethod.Get, $"{ChatClient.Path}/{id}?limit=100&offset=9");

        Assert.Equal((9, 12, 3), (first.GetProperty("turns").GetArrayLength(), first.GetProperty("total_count").GetInt32(), next.GetProperty("turns").GetArrayLength()));
    }

    private static async Task<ModelWorld> World()
    {
        var world = await ModelWorld.Start();
        await world.PutModel("m", "openai_chat");
        return world;
    }

    internal static async Task<string?> Where(ModelWorld world, string id) =>
        (await world.Api.Client.Send(HttpMethod.Get, "/agent/where", RunningApi.PlatformKey, null, ("Agora-Old-Session", id))).Expect(200).Data.GetProperty("side").GetString();

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
        await using var world = await World();
        using var chat = new ChatClient(world, await world.Open());

        Assert.Equal("validation_failed", await chat.Refused(422, HttpMethod.Post, Path, body));
    }

    [Fact]
    public async Task A_model_that_nobody_could_go_on_with_is_refused()
    {
        await using var world = await World();
        await world.PutOther("vectors", "openai_chat", "embeddings");
        using var chat = new ChatClient(world, await world.Open());

        foreach (var model in (string[])["none", "vectors"])
        {
            Assert.Equal("not_found", await chat.Refused(404, HttpMethod.Post, Path, Body([("a", "b")]).Replace("\"m\"", $"\"{model}\"", StringComparison.Ordinal)));
        }

        Assert.Empty((await chat.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats").EnumerateArray());
    }

    [Fact]
    public async Task It_has_the_bounds_of_a_chat()
    {
        await using var world = await World();
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
