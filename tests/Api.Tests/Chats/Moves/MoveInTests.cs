using System.Text.Json;
using Agora.Cli;
using Agora.Cli.MovingIn.Old;
using Agora.ScriptedModels;
using Agora.Testing;

namespace Agora.Api.Tests.Chats.Moves;

/// <summary>Users of an older chat move in by the command line, while both run, and back.</summary>
public sealed class MoveInTests
{
    [RedisFact]
    public async Task A_session_of_Redis_is_a_chat_that_its_user_reads_and_goes_on_in()
    {
        await using var moving = await MovingIn.Start(password: "quite secret");
        await moving.Redis.Put("kq8zVrTjWkq3", MovingIn.Session(OldFormat.MessagePack, "ann", ("user", "Plan a trip."), ("assistant", "To Nara.")), 1_000);

        var said = (await moving.Say("import")).Done();

        Assert.Equal((1, 1, 1), (said["imported"], said["turns added"], said["not taken: theme"]));
        using var chats = await moving.Chats("ann");
        var chat = await MovingIn.Only(chats);
        var told = await chats.Say($$"""{"chat_id":"{{chat}}","text":"And then?"}""");
        Assert.Equal(("whole", 2), (told.End, told.Turn));
        Assert.Equal([("Plan a trip.", "To Nara."), ("And then?", "This is a scripted answer.")], await MovingIn.Turns(chats, chat));
        Assert.Equal(1, moving.World.Upstream.Requests);
        var turn = await chats.Data(HttpMethod.Get, $"{ChatClient.Path}/{chat}/turns/1");
        Assert.Equal(("imported", "flask", JsonValueKind.Null, 0), (turn.GetProperty("reply").GetProperty("state").GetString(), turn.GetProperty("reply").GetProperty("model").GetString(), turn.GetProperty("reply").GetProperty("run_id").ValueKind, turn.GetProperty("reply").GetProperty("cost_cents").GetInt32()));
        var followed = await chats.Follow(chat, 1);
        Assert.Equal(["begun", "text", "imported"], followed.Events.Select(static e => e.Type));
        Assert.Equal("To Nara.", followed.Text);
        using var stranger = await moving.Chats("bob");
        Assert.Equal("not_found", await stranger.Refused(404, HttpMethod.Get, $"{ChatClient.Path}/{chat}"));
    }

    [RedisTheory]
    [InlineData(OldFormat.MessagePack)]
    [InlineData(OldFormat.Json)]
    [InlineData(OldFormat.Pickle)]
    internal async Task There_and_back_nothing_is_lost_and_nothing_is_twice(OldFormat format)
    {
        await using var moving = await MovingIn.Start();
        (string, string)[] begun = [("system", "Be short."), ("user", "one"), ("assistant", "1")];
        await moving.Redis.Put("a", MovingIn.Session(format, "ann", begun), 1_000);
        await moving.Redis.Put("b", MovingIn.Session(format, "bob", ("user", "hello"), ("assistant", "Hi.")));

        (await moving.Say("import")).Done();
        Assert.Equal(2, (await moving.Say("import")).Done()["unchanged"]);
        await moving.Appends("a", format, ("user", "two"), ("assistant", "2"));
        Assert.Equal((1, 1), ((await moving.Say("import")).Done() is var again ? (again["turns added"], again["unchanged"]) : default));

        // What is said last there, and not replied to, comes with the switch.
        await moving.Appends("a", format, ("user", "three"));
        Assert.Equal(0, (await moving.Say("import")).Done()["turns added"]);
        (await moving.Say("switch", "--user", "ann")).Done();
        using var ann = await moving.Chats("ann");
        var chat = await MovingIn.Only(ann);
        Assert.Equal([("one", "1"), ("two", "2"), ("three", null)], await MovingIn.Turns(ann, chat));
        Assert.Equal("Be short.", (await ann.Data(HttpMethod.Get, $"{ChatClient.Path}/{chat}/turns/2")).GetProperty("instructions").GetString());
        await ann.Say($$"""{"chat_id":"{{chat}}","text":"four"}""");
        Assert.Equal(("new", "old"), (await Side(ann), await Side(await moving.Chats("bob"))));

        var back = (await moving.Say("back", "--user", "ann")).Done();
        Assert.Equal((1, 1, "old"), (back["turns written back"], back["users back"], await Side(ann)));
        (string, string)[] all = [.. begun, ("user", "two"), ("assistant", "2"), ("user", "three"), ("user", "four"), ("assistant", "This is a scripted answer.")];
        Assert.Equal(all, await moving.Messages("a", format));
        Assert.InRange((long)(await moving.Redis.Client.Ask(default, "PTTL", RedisServer.Prefix + "a"))!, 900_000, 1_000_000);
        Assert.Equal(-1L, await moving.Redis.Client.Ask(default, "PTTL", RedisServer.Prefix + "b"));
        Assert.Equal(0, (await moving.Say("back", "--user", "ann")).Done()["turns written back"]);

        // It goes on there, and comes again.
        await moving.Appends("a", format, ("user", "five"), ("assistant", "5"));
        Assert.Equal(1, (await moving.Say("import")).Done()["turns added"]);
        Assert.Equal([("one", "1"), ("two", "2"), ("three", null), ("four", "This is a scripted answer."), ("five", "5")], await MovingIn.Turns(ann, chat));
        Assert.Equal(2, (await moving.Say("compare")).Done()["equal"]);
    }

    [RedisFact]
    public async Task A_plan_needs_no_server_and_says_its_report_as_json_where_that_is_wanted()
    {
        await using var moving = await MovingIn.Start();
        await moving.Redis.Put("a", MovingIn.Session(OldFormat.Json, "ann", ("user", "one"), ("assistant", "1")), 1_000);

        var said = await moving.SayOf("plan", ["--redis", moving.Redis.Url, "--json"], hasServer: false);

        Assert.Equal(1, JsonDocument.Parse(said.Out).RootElement.GetProperty("counts").GetProperty("would be imported").GetInt32());
        Assert.Equal(ExitCodes.Done, said.Code);
    }

    [RedisFact]
    public async Task A_dry_run_says_what_would_be_done_and_changes_nothing()
    {
        await using var moving = await MovingIn.Start();
        await moving.Redis.Put("a", MovingIn.Session(OldFormat.Pickle, "ann", ("user", "one"), ("assistant", "1")), 1_000);
        await moving.Redis.Put("broken", [1, 2, 3]);
        var before = await moving.Redis.Get("a");

        foreach (var said in new[] { await moving.Say("plan"), await moving.Say("import", "--dry-run") })
        {
            Assert.Equal((ExitCodes.Refused, 1, 1, 1, 1), (said.Code, said["would be imported"], said["turns read"], said["refused"], said["read: Pickle"]));
            Assert.Contains("It is no session of Flask-Session", said.Out, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(moving.State));
        using var ann = await moving.Chats("ann");
        Assert.Empty((await ann.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats").EnumerateArray());

        Assert.Equal(ExitCodes.Refused, (await moving.Say("import")).Code);
        await moving.Say("switch", "--all");
        await ann.Say($$"""{"chat_id":"{{await MovingIn.Only(ann)}}","text":"two"}""");
        Assert.Equal((1, 1), ((await moving.Say("back", "--all", "--dry-run")).Done() is var back ? (back["turns that would be written back"], back["users that would go back"]) : default));
        Assert.Equal(before, await moving.Redis.Get("a"));
        Assert.Equal("new", await Side(ann));
    }

    [RedisFact]
    public async Task Comparing_finds_what_was_changed_what_is_missing_and_what_is_gone()
    {
        await using var moving = await MovingIn.Start();
        foreach (var id in new[] { "equal", "changed", "longer", "gone", "cut" }) await moving.Redis.Put(id, MovingIn.Session(OldFormat.MessagePack, id, ("user", "one"), ("assistant", "1"), ("user", "two"), ("assistant", "2")));
        (await moving.Say("import")).Done();
        await moving.Redis.Put("changed", MovingIn.Session(OldFormat.MessagePack, "changed", ("user", "one"), ("assistant", "1"), ("user", "two, otherwise"), ("assistant", "2")));
        await moving.Redis.Put("cut", MovingIn.Session(OldFormat.MessagePack, "cut", ("user", "one"), ("assistant", "1")));
        await moving.Appends("longer", OldFormat.MessagePack, ("user", "three"), ("assistant", "3"));
        await moving.Redis.Client.Ask(default, "DEL", RedisServer.Prefix + "gone");

        var said = await moving.Say("compare");

        Assert.Equal((ExitCodes.Refused, 1, 2, 1, 1), (said.Code, said["equal"], said["different"], said["more at the old side"], said["gone"]));
        Assert.Contains("`changed`: The first 1 turns are the same", said.Out, StringComparison.Ordinal);

        // What differs is not overwritten; where that is asked for it is a branch.
        Assert.Equal((ExitCodes.Refused, 2, 1), ((await moving.Say("import")) is var refused ? (refused.Code, refused["differs"], refused["turns added"]) : default));
        Assert.Equal((ExitCodes.Done, 1), ((await moving.Say("import", "--branch")) is var branched ? (branched.Code, branched["turns added"]) : default));
        using var chats = await moving.Chats("changed");
        Assert.Equal([("one", "1"), ("two", "2"), ("two, otherwise", "2")], await MovingIn.Turns(chats, await MovingIn.Only(chats)));
    }

    [RedisFact]
    public async Task What_is_killed_goes_on_where_it_was_and_nothing_is_twice()
    {
        await using var moving = await MovingIn.Start();
        for (var i = 0; i < 40; i++) await moving.Redis.Put($"s{i}", MovingIn.Session(OldFormat.MessagePack, $"user{i % 5}", ("user", $"one {i}"), ("assistant", "1"), ("user", "two"), ("assistant", "2")));

        (await moving.Say("import", "--user", "user1")).Done();
        var place = Path.Combine(moving.State, "sessions.jsonl");
        var whole = await File.ReadAllTextAsync(place);
        await File.WriteAllTextAsync(place, whole[..(whole.Length / 2)]); // as a kill leaves it: what was written last is cut

        Assert.Equal(8 + 32, (await moving.Say("import")).Done() is var said ? said["imported"] + said["unchanged"] : 0);
        Assert.Equal(40, (await moving.Say("compare")).Done()["equal"]);
        using var chats = await moving.Chats("user1");
        var listed = (await chats.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats").EnumerateArray().ToList();
        Assert.Equal(8, listed.Count);
        Assert.All(listed, static chat => Assert.Equal(2, chat.GetProperty("turns").GetInt32()));
        var report = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(moving.State, "import.json")));
        Assert.Equal("import", report.GetProperty("command").GetString());
        Assert.Equal((40, 5), ((await moving.Say("report")).Done() is var all ? (all["sessions"], all["users"]) : default));
    }

    [RedisFact]
    public async Task The_command_that_is_killed_at_its_work_is_said_again_and_all_is_there_once()
    {
        const int Sessions = 300;
        await using var moving = await MovingIn.Start();
        for (var i = 0; i < Sessions; i++) await moving.Redis.Put($"s{i}", MovingIn.Session((OldFormat)(1 + (i % 3)), $"user{i % 7}", ("user", $"one {i}"), ("assistant", "1"), ("user", "two"), ("assistant", "2")));

        await moving.KilledAt("import", lines: 20);
        Assert.InRange((await File.ReadAllLinesAsync(Path.Combine(moving.State, "sessions.jsonl"))).Length, 20, Sessions - 1);
        Assert.Equal(Sessions, (await moving.Say("import")).Done() is var said ? said["imported"] + said["unchanged"] : 0);

        Assert.Equal(Sessions, (await moving.Say("compare")).Done()["equal"]);
        using var chats = await moving.Chats("user1");
        var listed = (await chats.Data(HttpMethod.Get, $"{ChatClient.Path}?limit=100")).GetProperty("chats").EnumerateArray().ToList();
        Assert.Equal(43, listed.Count);
        Assert.All(listed, static chat => Assert.Equal(2, chat.GetProperty("turns").GetInt32()));
    }

    [RedisTheory]
    [InlineData("edits", "MessagePack")]
    [InlineData("repeats", "Json")]
    public async Task What_was_said_otherwise_than_there_goes_back_once_behind_what_is_there(string how, string named)
    {
        var format = Enum.Parse<OldFormat>(named);
        await using var moving = await MovingIn.Start();
        await moving.Redis.Put("a", MovingIn.Session(format, "42", ("user", "one"), ("assistant", "1"), ("user", "two"), ("assistant", "2")));
        (await moving.Say("import")).Done();
        (await moving.Say("switch", "--all")).Done();
        using var chats = await moving.Chats("42");
        var chat = await MovingIn.Only(chats);
        await chats.Say(how == "edits" ? $$"""{"chat_id":"{{chat}}","edits":2,"text":"other"}""" : $$"""{"chat_id":"{{chat}}","repeats":2}""");
        var said = how == "edits" ? "other" : "two";

        Assert.Equal(1, (await moving.Say("back", "--all")).Done()["turns written back"]);
        Assert.Equal(0, (await moving.Say("back", "--all")).Done()["turns written back"]);
        Assert.Equal([("user", "one"), ("assistant", "1"), ("user", "two"), ("assistant", "2"), ("user", said), ("assistant", "This is a scripted answer.")], await moving.Messages("a", format));

        // It goes on from there, and goes back as what it is.
        (await moving.Say("switch", "--all")).Done();
        await chats.Say($$"""{"chat_id":"{{chat}}","text":"three"}""");
        Assert.Equal(1, (await moving.Say("back", "--all")).Done()["turns written back"]);
        Assert.Equal(8, (await moving.Messages("a", format)).Count);
    }

    [RedisFact]
    public async Task What_came_after_the_switch_is_found_when_the_longest_request_is_over()
    {
        await using var moving = await MovingIn.Start();
        await moving.Redis.Put("a", MovingIn.Session(OldFormat.MessagePack, "ann", ("user", "one"), ("assistant", "1")));
        (await moving.Say("import")).Done();

        // A request that had begun before, and took longer than the looks of the switch.
        var switching = moving.Say("switch", "--all", "--longest-request", "15");
        using var ann = await moving.Chats("ann");
        await OnSide(ann, "new");
        await Task.Delay(1_500);
        await moving.Redis.Put("a", MovingIn.Session(OldFormat.MessagePack, "ann", ("user", "one"), ("assistant", "1"), ("user", "late"), ("assistant", "2")));

        Assert.Equal((1, 1, 1), ((await switching).Done() is var said ? (said["came late"], said["turns added"], said["users switched"]) : default));
        Assert.Equal(1, (await moving.Say("compare")).Done()["equal"]);
        await ann.Say($$"""{"chat_id":"{{await MovingIn.Only(ann)}}","text":"here"}""");

        // The same on the way back: a request that began before writes the session as it had read it.
        var read = await moving.Redis.Get("a");
        var back = moving.Say("back", "--all", "--longest-request", "15");
        await OnSide(ann, "old");
        await Task.Delay(1_500);
        await moving.Redis.Put("a", read!);
        (await back).Done();
        Assert.Equal(("user", "here"), (await moving.Messages("a", OldFormat.MessagePack))[^2]);
    }

    [RedisFact]
    public async Task A_reply_that_goes_on_is_waited_for_and_goes_back_whole()
    {
        await using var moving = await MovingIn.Start();
        await moving.Redis.Put("a", MovingIn.Session(OldFormat.MessagePack, "ann", ("user", "one"), ("assistant", "1")));
        (await moving.Say("import")).Done();
        (await moving.Say("switch", "--all")).Done();
        using var ann = await moving.Chats("ann");
        moving.World.Upstream.Script = new() { Reply = Reply.OfTokens(150), Delivery = new() { ChunkCharacters = 4, Pause = TimeSpan.FromMilliseconds(20) } };
        using var reply = await ann.Begin(HttpMethod.Post, ChatClient.Path, $$"""{"chat_id":"{{await MovingIn.Only(ann)}}","text":"two"}""");
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is not "event: text") continue;

        Assert.Equal(1, (await moving.Say("back", "--all")).Done()["turns written back"]);

        Assert.Equal([("user", "one"), ("assistant", "1"), ("user", "two"), ("assistant", Reply.OfTokens(150).Text)], await moving.Messages("a", OldFormat.MessagePack));
    }

    [RedisFact]
    public async Task Who_has_gone_at_the_old_side_stays_gone_unless_it_is_asked_for_anew()
    {
        await using var moving = await MovingIn.Start();
        await moving.Redis.Put("a", MovingIn.Session(OldFormat.Pickle, "ann", ("user", "one"), ("assistant", "1")));
        (await moving.Say("import")).Done();
        (await moving.Say("switch", "--all")).Done();
        await moving.Redis.Client.Ask(default, "DEL", RedisServer.Prefix + "a");

        var back = (await moving.Say("back", "--all")).Done();
        Assert.Equal((1, 0, 0), (back["ended"], back["turns written back"], (long)(await moving.Redis.Client.Ask(default, "EXISTS", RedisServer.Prefix + "a"))!));

        (await moving.Say("back", "--all", "--anew")).Done();

        Assert.Equal([("user", "one"), ("assistant", "1")], await moving.Messages("a", OldFormat.Pickle));
        Assert.True((long)(await moving.Redis.Client.Ask(default, "PTTL", RedisServer.Prefix + "a"))! > 0);
    }

    [RedisFact]
    public async Task A_session_that_is_anothers_by_now_is_not_written_to()
    {
        await using var moving = await MovingIn.Start();
        await moving.Redis.Put("a", MovingIn.Session(OldFormat.MessagePack, "ann", ("user", "one"), ("assistant", "1")));
        (await moving.Say("import")).Done();
        (await moving.Say("switch", "--all")).Done();
        using var ann = await moving.Chats("ann");
        await ann.Say($$"""{"chat_id":"{{await MovingIn.Only(ann)}}","text":"secret"}""");
        await moving.Redis.Put("a", MovingIn.Session(OldFormat.MessagePack, "bob", ("user", "mine"), ("assistant", "1")));

        var back = await moving.Say("back", "--all");

        Assert.Equal((ExitCodes.Refused, 0), (back.Code, back["turns written back"]));
        Assert.Contains("`a`: It is another user's by now: nothing is written to it.", back.Out, StringComparison.Ordinal);
        Assert.Equal([("user", "mine"), ("assistant", "1")], await moving.Messages("a", OldFormat.MessagePack));
    }

    /// <summary>Whoever has the id of a session is let in by it at the old side.</summary>
    [RedisFact]
    public async Task Reports_have_beginnings_of_ids_and_the_file_that_has_them_whole_is_its_owners_alone()
    {
        await using var moving = await MovingIn.Start();
        await moving.Redis.Put("differs-and-is-long", MovingIn.Session(OldFormat.MessagePack, "ann", ("user", "one"), ("assistant", "1")));
        await moving.Redis.Put("refused-and-is-long", [1, 2, 3]);
        await moving.Say("import");
        await moving.Redis.Put("differs-and-is-long", MovingIn.Session(OldFormat.MessagePack, "ann", ("user", "one, otherwise"), ("assistant", "1")));

        var said = await moving.Say("import");

        Assert.Equal((1, 1), (said["differs"], said["refused"]));
        var (markdown, json) = (await File.ReadAllTextAsync(Path.Combine(moving.State, "import.md")), await File.ReadAllTextAsync(Path.Combine(moving.State, "import.json")));
        foreach (var text in (string[])[said.Out, markdown, json, (await moving.Say("report")).Out])
        {
            Assert.Contains("differs-…", text, StringComparison.Ordinal);
            Assert.Contains("refused-…", text, StringComparison.Ordinal);
            Assert.DoesNotContain("-and-is-long", text, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("-and-is-long", said.Error, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(moving.State, "sessions.jsonl")));
        }
    }

    /// <summary>Its second part is refused: with what stands here already the chat would have a turn more than it may.</summary>
    [Fact]
    public async Task A_session_of_which_a_part_came_stays_at_the_old_side()
    {
        await using var moving = await MovingIn.WithoutRedis();
        using var ann = await moving.Chats("ann");
        await ann.Data(HttpMethod.Put, $"{ChatClient.Path}/side", """{"side":"new"}""");
        var others = JsonSerializer.Serialize(Enumerable.Repeat(new { text = "other", reply = "1" }, 989));
        await ann.Data(HttpMethod.Post, $"{ChatClient.Path}/imports", $$"""{"origin":"flask","origin_id":"long","model":"m","more":true,"turns":{{others}}}""");
        var session = MovingIn.Session(OldFormat.Json, "ann", [.. Enumerable.Range(0, 12).SelectMany(static i => new[] { ("user", $"q{i}"), ("assistant", new string('x', 100_000)) })]);
        byte[] export = [.. "{\"long\":"u8, .. session, (byte)'}'];
        await File.WriteAllBytesAsync(moving.Export, export);

        var said = await moving.SayOf("import", ["--json-file", moving.Export, "--branch"]);

        Assert.Equal((ExitCodes.Refused, "old"), (said.Code, await ImportTests.Where(moving.World, "long")));
        Assert.Equal(989 + 10, (await ann.Data(HttpMethod.Get, $"{ChatClient.Path}/{await MovingIn.Only(ann)}?limit=1")).GetProperty("total_count").GetInt32());
    }

    [RedisFact]
    public async Task What_one_session_is_refused_for_keeps_no_other()
    {
        await using var moving = await MovingIn.Start();
        foreach (var user in new[] { "ann", "bob" }) await moving.Redis.Put(user, MovingIn.Session(OldFormat.MessagePack, user, ("user", "one"), ("assistant", "1")));
        await moving.Redis.Put("long", MovingIn.Session(OldFormat.MessagePack, "ann", [.. Enumerable.Range(0, 1_001).SelectMany(static _ => new[] { ("user", "q"), ("assistant", "a") })]));
        await moving.Redis.Put("big", new byte[17 << 20]);
        await moving.Redis.Put("evil", Convert.FromBase64String("gASVSwAAAAAAAAB9lCiMB3VzZXJfaWSUjAFhlIwIbWVzc2FnZXOUXZSMBXBvc2l4lIwGc3lzdGVtlJOUjBB0b3VjaCAvdG1wL293bmVklIWUUpRhdS4="));
        await moving.Redis.Client.Ask(default, "LPUSH", RedisServer.Prefix + "list", "x");
        await moving.Redis.Client.Ask(default, "SET", "something else", "x");

        var said = await moving.Say("import");

        Assert.Equal((ExitCodes.Refused, 2, 4), (said.Code, said["imported"], said["refused"]));
        foreach (var why in new[] { "`long`: It has more than 1000 turns.", "`big`: It has more than 16 MiB.", "`list`: It is empty, or no text.", "`evil`: It is a pickle that asks for more than data: STACK_GLOBAL" }) Assert.Contains(why, said.Out, StringComparison.Ordinal);

        // What a person has deleted does not come back, and keeps nobody from going back.
        var switched = (await moving.Say("switch", "--all")).Done();
        Assert.Equal(1, switched["never came"]);
        Assert.Contains("`long`: It stays at the old side: It has more than 1000 turns.", switched.Out, StringComparison.Ordinal);
        using var ann = await moving.Chats("ann");
        using var bob = await moving.Chats("bob");
        await ann.Data(HttpMethod.Delete, $"{ChatClient.Path}/{await MovingIn.Only(ann)}");
        await bob.Say($$"""{"chat_id":"{{await MovingIn.Only(bob)}}","text":"two"}""");
        var back = await moving.Say("back", "--all");
        Assert.Equal((ExitCodes.Done, 1, 2, 1), (back.Code, back["turns written back"], back["users back"], back["deleted here"]));
        Assert.Contains("`ann`: Its person has deleted its chat here: it stays at the old side as it is.", back.Out, StringComparison.Ordinal);
    }

    /// <summary>At whatever step it is found: its session comes no more, stays as it is, and keeps its person on no side.</summary>
    [RedisTheory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public async Task Whoever_has_deleted_a_chat_is_switched_and_goes_back_all_the_same(bool isSwitched, bool saysMore)
    {
        await using var moving = await MovingIn.Start();
        List<(string Role, string Content)> there = [("user", "deleted"), ("assistant", "1")];
        await moving.Redis.Put("deleted", MovingIn.Session(OldFormat.MessagePack, "ann", [.. there]));
        await moving.Redis.Put("kept", MovingIn.Session(OldFormat.MessagePack, "ann", ("user", "kept"), ("assistant", "1")));
        (await moving.Say("import")).Done();
        if (isSwitched)
        {
            (await moving.Say("switch", "--all")).Done();
        }

        using var ann = await moving.Chats("ann");
        foreach (var chat in (await ann.Data(HttpMethod.Get, ChatClient.Path)).GetProperty("chats").EnumerateArray().Select(static chat => chat.GetProperty("chat_id").GetGuid()).ToList())
        {
            if ((await MovingIn.Turns(ann, chat))[0].Text == "deleted")
            {
                await ann.Data(HttpMethod.Delete, $"{ChatClient.Path}/{chat}");
            }
        }

        if (saysMore)
        {
            await moving.Appends("deleted", OldFormat.MessagePack, ("user", "more"), ("assistant", "2"));
            there.AddRange([("user", "more"), ("assistant", "2")]);
        }

        foreach (var side in isSwitched ? new[] { "old", "new", "old" } : ["new", "old", "new"])
        {
            var said = (await moving.Say(side == "old" ? "back" : "switch", "--all")).Done();

            Assert.Equal((1, side), (said["deleted here"], await Side(ann)));
            Assert.Equal(there, await moving.Messages("deleted", OldFormat.MessagePack));
        }

        var report = (await moving.Say("report")).Done();
        Assert.Equal((1, 0, 2), (report["deleted here"], report["refused"], report[isSwitched ? "side: old" : "side: new"]));
        Assert.Equal("kept", (await MovingIn.Turns(ann, await MovingIn.Only(ann)))[0].Text);
    }

    [RedisFact]
    public async Task Whoever_names_another_agent_by_mistake_has_nothing_taken_for_deleted()
    {
        await using var moving = await MovingIn.Start();
        await moving.Redis.Put("a", MovingIn.Session(OldFormat.MessagePack, "ann", ("user", "one"), ("assistant", "1")));
        (await moving.Say("import")).Done();
        (await moving.Say("switch", "--all")).Done();
        using var ann = await moving.Chats("ann");
        await ann.Say($$"""{"chat_id":"{{await MovingIn.Only(ann)}}","text":"two"}""");

        var mistaken = await moving.Say("back", "--all", "--agent-id", "agent-2");
        Assert.Equal((ExitCodes.Refused, 0), (mistaken.Code, mistaken["deleted here"]));

        Assert.Equal(1, (await moving.Say("back", "--all")).Done()["turns written back"]);
    }

    [RedisFact]
    public async Task A_Redis_that_refuses_or_is_away_is_said_so()
    {
        await using var moving = await MovingIn.Start(password: "right");

        Assert.Contains("agora move-in plan --help says what it takes.", (await moving.SayOf("plan", ["--radis", "x"])).Error, StringComparison.Ordinal);
        var refused = await moving.SayOf("plan", ["--redis", moving.Redis.Url.Replace("right", "wrong", StringComparison.Ordinal)]);
        var away = await moving.SayOf("plan", ["--redis", $"redis://127.0.0.1:{FreePort.Next()}"]);

        Assert.Equal((ExitCodes.Refused, ExitCodes.NoServer), (refused.Code, away.Code));
        Assert.StartsWith("Redis refuses: WRONGPASS", refused.Error, StringComparison.Ordinal);
        foreach (var wrong in new[] { "http://a", "redis://", "redis://a/b" }) Assert.Equal(ExitCodes.Wrong, (await moving.SayOf("plan", ["--redis", wrong])).Code);
    }

    [Theory]
    [InlineData("""{"flask_session:s1":{"user_id":"ann","messages":[{"role":"user","content":"one"},{"role":"assistant","content":"1"}]},"s2":{"user_id":7,"messages":[{"role":"tool","content":"x"}]},"half":@}""", 2)]
    [InlineData("""[{"session_id":"s1","user_id":"ann","messages":[{"role":"user","content":"one"},{"role":"assistant","content":"1"}]},@]""", 1)]
    [InlineData("{\"sid\":\"s1\",\"user_id\":\"ann\",\"messages\":[{\"role\":\"user\",\"content\":\"one\"},{\"role\":\"assistant\",\"content\":\"1\"}]}\n{\"sid\":\"s2\",\"user_id\":\"bob\",\"messages\":[{\"role\":\"user\",\"content\":\"one\"},{\"role\":\"assistant\",\"content\":\"1\"}]}\n@\n", 1)]
    public async Task An_export_in_JSON_moves_and_comes_back_in_its_own_form(string export, int refused)
    {
        await using var world = await MovingIn.WithoutRedis();
        const string Half = """{"sid":"half","user_id":"eve","messages":[{"role":"user","content":"\ud83d"},{"role":"assistant","content":"2"}]}"""; // of a surrogate pair, as Python writes it
        await File.WriteAllTextAsync(world.Export, export.Replace("@", Half, StringComparison.Ordinal));
        string[] file = ["--json-file", world.Export];

        var said = await world.SayOf("import", file);
        Assert.Equal((refused, ExitCodes.Refused), (said["refused"], said.Code));
        Assert.Contains("`half`: One of its texts has half of a surrogate pair.", said.Out, StringComparison.Ordinal);
        using var ann = await world.Chats("ann");
        await world.SayOf("switch", [.. file, "--user", "ann"]);
        await ann.Say($$"""{"chat_id":"{{await MovingIn.Only(ann)}}","text":"two"}""");
        (await world.SayOf("back", [.. file, "--user", "ann"])).Done();

        Assert.Contains("""{"role":"user","content":"one"},{"role":"assistant","content":"1"},{"role":"user","content":"two"},{"role":"assistant","content":"This is a scripted answer."}]""", await File.ReadAllTextAsync(world.Export), StringComparison.Ordinal);
        Assert.Contains(Half, await File.ReadAllTextAsync(world.Export), StringComparison.Ordinal);
        Assert.Equal(0, (await world.SayOf("back", [.. file, "--user", "ann"])).Done()["turns written back"]);
    }

    private static async Task OnSide(ChatClient chats, string side)
    {
        using var late = new CancellationTokenSource(Hang.Timeout);
        while (await Side(chats) != side) await Task.Delay(200, late.Token);
    }

    private static async Task<string> Side(ChatClient chats) => (await chats.Data(HttpMethod.Get, $"{ChatClient.Path}/side")).GetProperty("side").GetString()!;
}

internal sealed class RedisTheoryAttribute : TheoryAttribute
{
    public RedisTheoryAttribute() => Skip = RedisServer.Program is null ? "redis-server is not on the PATH" : null;
}
