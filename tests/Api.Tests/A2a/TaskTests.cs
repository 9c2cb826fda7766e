using System.Text.Json;
using Agora.A2a;
using Agora.Api.Tests.Conversations;
using Agora.Api.Tests.Peers;
using Agora.Api.Tests.Signed;
using Agora.Api.Tests.Support;
using Agora.Core.Conversations;

namespace Agora.Api.Tests.A2a;

/// <summary>Tasks are conversations: what becomes of them follows from what is said there, and who may see them is decided there.</summary>
public sealed class TaskTests
{
    [Fact]
    public async Task A_message_that_comes_again_by_whichever_binding_and_however_often_is_the_same_task()
    {
        await using var asking = await Asking.Begin();
        var body = Asking.AtOnce("silent", "m-1");

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Asking.WhileInFlight(() => n % 2 == 0 ? asking.SendMessage(body) : asking.Rpc("SendMessage", body))));
        var ids = all.Select(one => (one.Json.TryGetProperty("result", out var result) ? result : one.Json).GetProperty("task").GetProperty("id").GetString()).Distinct();

        var id = Assert.Single(ids);
        Assert.Equal(id, (await asking.SendMessage(Asking.AtOnce("silent", "m-1", $$""","taskId":"{{id}}" """))).Task.GetProperty("id").GetString());
        Assert.Equal("a:", (await asking.NextRequest()).GetProperty("agent_id").GetString() + ":");
        Assert.Single((await asking.Talk.Get("a", $"/conversations/{id}/messages")).Expect(200).Data.GetProperty("entries").EnumerateArray(), entry => entry.GetProperty("kind").ValueEquals("message"));
        Assert.Equal(1, (await asking.Talk.Get("a", "/conversations")).Expect(200).Data.GetProperty("total_count").GetInt32());
    }

    [Fact]
    public async Task Another_message_under_the_same_id_is_refused_and_changes_nothing()
    {
        await using var asking = await Asking.Begin();
        var id = (await asking.SendMessage(Asking.AtOnce("silent", "m-1"))).Task.GetProperty("id").GetString();

        var other = await asking.SendMessage(Asking.AtOnce("another", "m-1"));
        var context = await asking.SendMessage(Asking.AtOnce("silent", "m-1", ""","contextId":"elsewhere" """));

        Assert.Equal((409, "IDEMPOTENCY_CONFLICT"), (other.Status, other.Reason));
        Assert.Equal((409, "IDEMPOTENCY_CONFLICT"), (context.Status, context.Reason));
        Assert.Single((await asking.Rest(HttpMethod.Get, $"/tasks/{id}")).Json.GetProperty("history").EnumerateArray());
    }

    [Fact]
    public async Task A_message_is_known_again_when_its_id_is_remembered_nowhere_else()
    {
        var time = new MovedTime();
        await using var asking = await Asking.Over(await Talk.Of(await RunningApi.Start(time: time), "a", "b"));
        var body = Asking.AtOnce("silent", Guid.CreateVersion7().ToString("D"));
        var id = (await asking.SendMessage(body)).Task.GetProperty("id").GetString();

        time.Move(TimeSpan.FromDays(3));

        Assert.Equal(id, (await asking.SendMessage(body)).Task.GetProperty("id").GetString());
    }

    [Fact]
    public async Task What_the_agent_replies_is_the_result_and_the_conversation_is_over_for_both()
    {
        await using var asking = await Asking.Begin();
        var sent = asking.SendMessage(Asking.Message("echo Hello", "m-1"));
        var request = await asking.NextRequest();

        var message = request.GetProperty("content").GetProperty("message");
        Assert.Equal(("application/a2a+json", "m-1", "ROLE_USER"), (request.GetProperty("content_type").GetString(), message.GetProperty("messageId").GetString(), message.GetProperty("role").GetString()));
        await asking.Reply(request, """{"greeting":"Hello"}""");

        var done = await sent;
        var artifact = Assert.Single(done.Task.GetProperty("artifacts").EnumerateArray());
        Assert.Equal(("COMPLETED", """{"greeting":"Hello"}""", "application/json"), (done.State, artifact.GetProperty("parts")[0].GetProperty("data").GetRawText(), artifact.GetProperty("parts")[0].GetProperty("mediaType").GetString()));
        Assert.Equal("application/a2a+json", done.Type);
        var conversation = (await asking.Talk.Get("b", $"/conversations/{done.Task.GetProperty("id").GetString()}")).Expect(200).Data;
        Assert.Equal("closed", conversation.GetProperty("state").GetString());
        Assert.Equal(request.GetProperty("number").GetInt64() + 2, conversation.GetProperty("members").EnumerateArray().Single(member => member.GetProperty("agent_id").ValueEquals("a")).GetProperty("acknowledged").GetInt64());
    }

    [Theory]
    [InlineData("""{"title":"No"}""", "application/problem+json", true, "FAILED")]
    [InlineData("\"on it\"", "text/plain", false, "WORKING")]
    [InlineData("""{"statusUpdate":{"status":{"state":"TASK_STATE_AUTH_REQUIRED"}}}""", "application/a2a+json", true, "AUTH_REQUIRED")]
    [InlineData("""[{"message":{"parts":[{"text":"half of it"}]}},{"message":{"parts":[{"text":"and more"}]}}]""", "application/a2a+json", false, "WORKING")]
    [InlineData("""[{"artifactUpdate":{"artifact":{"parts":[{"text":"x"}]}}},{"statusUpdate":{"status":{"state":3}}}]""", "application/a2a+json", true, "COMPLETED")]
    [InlineData("""{"statusUpdate":{"status":{"state":"TASK_STATE_LOST"}}}""", "application/a2a+json", false, "WORKING")]
    public async Task What_the_agent_says_is_the_state(string content, string type, bool isReply, string state)
    {
        await using var asking = await Asking.Begin();
        var id = (await asking.SendMessage(Asking.AtOnce("x", "m-1"))).Task.GetProperty("id").GetString();
        await asking.Reply(await asking.NextRequest(), content, type, isReply);

        var task = await asking.Rest(HttpMethod.Get, $"/tasks/{id}");

        Assert.Equal(state, task.State);
        Assert.Equal(state == "COMPLETED" ? 1 : 0, task.Json.GetProperty("artifacts").GetArrayLength());
        Assert.Equal(state is "COMPLETED" or "AUTH_REQUIRED" ? 1 : content.Contains("and more", StringComparison.Ordinal) ? 3 : 2, task.Json.GetProperty("history").GetArrayLength());
    }

    /// <summary>By the protocol an agent may answer with a message and make no task of it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_that_is_the_agents_first_word_is_the_answer_and_completes_the_task(bool isReply)
    {
        await using var asking = await Asking.Begin();
        var sent = asking.SendMessage(Asking.Message("x", "m-1"));
        var request = await asking.NextRequest();
        await asking.Reply(request, """{"message":{"messageId":"own","parts":[{"text":"Hallo"}]}}""", "application/a2a+json", isReply);

        var message = (await sent).Json.GetProperty("message");
        var id = request.GetProperty("conversation_id").GetString();
        Assert.Equal(("own", "ROLE_AGENT", "Hallo", id), (message.GetProperty("messageId").GetString(), message.GetProperty("role").GetString(), message.GetProperty("parts")[0].GetProperty("text").GetString(), message.GetProperty("taskId").GetString()));

        // Again it is the same answer, and who does not wait reads the task.
        Assert.Equal("own", (await asking.SendMessage(Asking.Message("x", "m-1"))).Json.GetProperty("message").GetProperty("messageId").GetString());
        var task = await asking.Rest(HttpMethod.Get, $"/tasks/{id}");
        Assert.Equal(("COMPLETED", "own", 2, 0), (task.State, task.Json.GetProperty("status").GetProperty("message").GetProperty("messageId").GetString(), task.Json.GetProperty("history").GetArrayLength(), task.Json.GetProperty("artifacts").GetArrayLength()));
        Assert.Equal("COMPLETED", (await asking.SendMessage(Asking.AtOnce("x", "m-1"))).State);
    }

    /// <summary>A client that waits reads the agent's entries one by one, or all at once.</summary>
    [Fact]
    public async Task What_the_agent_says_behind_the_message_that_is_its_answer_changes_nothing_whenever_it_is_read()
    {
        await using var asking = await Asking.Begin();
        (await asking.SendMessage(Asking.AtOnce("x", "m-1"))).Task.GetProperty("id").GetString();
        var request = await asking.NextRequest();
        await asking.Reply(request, """{"message":{"messageId":"first","parts":[{"text":"On it"}]}}""", "application/a2a+json");
        await asking.Reply(request, """{"message":{"messageId":"second","parts":[{"text":"Still"}]}}""", "application/a2a+json");
        await asking.Reply(request, """{"statusUpdate":{"status":{"state":"TASK_STATE_WORKING"}}}""", "application/a2a+json");

        Assert.Equal("first", (await asking.SendMessage(Asking.Message("x", "m-1"))).Json.GetProperty("message").GetProperty("messageId").GetString());
        Assert.Equal("COMPLETED", (await asking.Rest(HttpMethod.Get, $"/tasks/{request.GetProperty("conversation_id").GetString()}")).State);
    }

    /// <summary>The stream began with a task, so by the protocol it ends with the task's state.</summary>
    [Fact]
    public async Task The_stream_of_a_message_ends_with_the_completed_task_and_the_agents_message()
    {
        await using var asking = await Asking.Begin();
        var streamed = Task.Run(async () =>
        {
            var events = new List<JsonElement>();
            await foreach (var told in asking.Events("/message:stream", Asking.Message("x", "m-1"))) events.Add(told.Data);
            return events;
        });
        await asking.Reply(await asking.NextRequest(), """{"message":{"parts":[{"text":"Hallo"}]}}""", "application/a2a+json");

        var last = (await streamed)[^1].GetProperty("statusUpdate").GetProperty("status");
        Assert.Equal("TASK_STATE_COMPLETED", last.GetProperty("state").GetString());
        Assert.Equal("Hallo", last.GetProperty("message").GetProperty("parts")[0].GetProperty("text").GetString());
    }

    /// <summary>Of a task that the agent works on a message is a word along the way.</summary>
    [Fact]
    public async Task A_message_behind_a_state_does_not_end_the_wait()
    {
        await using var asking = await Asking.Begin();
        var sent = asking.SendMessage(Asking.Message("x", "m-1"));
        var request = await asking.NextRequest();
        await asking.Reply(request, """[{"statusUpdate":{"status":{"state":"TASK_STATE_WORKING"}}},{"message":{"parts":[{"text":"half of it"}]}}]""", "application/a2a+json");
        await asking.Reply(request, """{"statusUpdate":{"status":{"state":"TASK_STATE_COMPLETED"}}}""", "application/a2a+json");

        Assert.Equal("COMPLETED", (await sent).State);
    }

    [Theory]
    [InlineData(false, "FAILED")]
    [InlineData(true, "COMPLETED")]
    public async Task A_reply_that_comes_too_late_counts_only_where_the_agent_has_said_something_meanwhile(bool isHeard, string state)
    {
        var time = new MovedTime();
        await using var asking = await Asking.Over(await Talk.Of(await RunningApi.Start(time: time), "a", "b"));
        var id = (await asking.SendMessage(Asking.AtOnce("x", "m-1", $$$""","metadata":{"{{{Sequence.Uri}}}":{"replyWithinSeconds":60}}"""))).Task.GetProperty("id").GetString();
        var request = await asking.NextRequest();
        if (isHeard)
        {
            await asking.Reply(request, "\"on it\"", isReply: false);
        }

        time.Move(TimeSpan.FromSeconds(61));
        await asking.Reply(request, "\"done\"");

        var task = await asking.Rest(HttpMethod.Get, $"/tasks/{id}");
        Assert.Equal((state, isHeard ? 1 : 0), (task.State, task.Json.GetProperty("artifacts").GetArrayLength()));
        Assert.Equal(!isHeard, task.Json.GetProperty("status").TryGetProperty("message", out _));
    }

    /// <param name="isFast">The agent replies before the request has begun to wait.</param>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_the_agent_replies_behind_the_end_of_the_askers_key_is_not_told_to_the_request_that_waits(bool isFast)
    {
        var time = new MovedTimestamps();
        await using var said = new HeldCommand(command => isFast && command is ConversationCommand.Say { From: "a" });
        await using var asking = await Asking.Over(await Talk.Of(await RunningApi.Start(edge: said.EdgeOfAnswers, time: time), "a", "b"));
        var sent = asking.SendMessage(Asking.Message("secret", "m-1"));
        var request = await asking.NextRequest();
        var key = (await asking.Talk.Api.Client.Admin(HttpMethod.Get, "/admin/agents/a/keys")).Expect(200).Data.GetProperty("keys")[0].GetProperty("key_id").GetString();
        (await asking.Talk.Api.Client.Admin(HttpMethod.Delete, $"/admin/agents/a/keys/{key}")).Expect(200);
        time.Move(TalkLimits.CredentialEvery);

        await asking.Reply(request, "\"between us\"");
        said.Release();

        Assert.Equal((401, "UNAUTHORIZED"), ((await sent).Status, (await sent).Reason));
    }

    [Fact]
    public async Task That_an_earlier_message_had_no_reply_in_time_fails_nothing_while_the_last_one_waits()
    {
        var time = new MovedTime();
        await using var asking = await Asking.Over(await Talk.Of(await RunningApi.Start(time: time), "a", "b"));
        var id = (await asking.SendMessage(Asking.AtOnce("x", "m-1", Within(60)))).Task.GetProperty("id").GetString();
        var first = await asking.NextRequest();
        await asking.Reply(first, "\"on it\"", isReply: false);
        await asking.SendMessage(Asking.AtOnce("y", "m-2", $$""","taskId":"{{id}}"{{Within(600)}}"""));

        time.Move(TimeSpan.FromSeconds(61));
        await asking.Reply(first, "\"done\"");

        var task = await asking.Rest(HttpMethod.Get, $"/tasks/{id}");
        Assert.Equal(("COMPLETED", 1), (task.State, task.Json.GetProperty("artifacts").GetArrayLength()));

        static string Within(int seconds) => $$$""","metadata":{"{{{Sequence.Uri}}}":{"replyWithinSeconds":{{{seconds}}}}}""";
    }

    [Fact]
    public async Task A_reply_to_what_whoever_asks_has_not_said_is_a_word_and_no_result()
    {
        await using var asking = await Asking.Begin();
        var id = (await asking.SendMessage(Asking.AtOnce("x", "m-1"))).Task.GetProperty("id").GetString();
        (await asking.Talk.Post("b", $"/conversations/{id}/messages", """{"content":"to whom?","reply_to":"m-9"}""")).Expect(201);

        var task = await asking.Rest(HttpMethod.Get, $"/tasks/{id}");

        Assert.Equal(("WORKING", 0, 2), (task.State, task.Json.GetProperty("artifacts").GetArrayLength(), task.Json.GetProperty("history").GetArrayLength()));
    }

    [Fact]
    public async Task Who_leaves_without_a_word_has_rejected()
    {
        await using var asking = await Asking.Begin();
        var id = (await asking.SendMessage(Asking.AtOnce("silent", "m-1"))).Task.GetProperty("id").GetString();
        (await asking.Talk.Post("b", $"/conversations/{id}/leave")).Expect(200);

        Assert.Equal("REJECTED", (await asking.Rest(HttpMethod.Get, $"/tasks/{id}")).State);
    }

    [Fact]
    public async Task Who_cancels_closes_and_what_is_over_stays_so()
    {
        await using var asking = await Asking.Begin();
        var id = (await asking.SendMessage(Asking.AtOnce("silent", "m-1"))).Task.GetProperty("id").GetString();
        var request = await asking.NextRequest();

        Assert.Equal("CANCELED", (await asking.Rest(HttpMethod.Post, $"/tasks/{id}:cancel")).State);
        Assert.Equal("CANCELED", (await asking.Rest(HttpMethod.Post, $"/tasks/{id}:cancel")).State);
        (await asking.Talk.Post("b", $"/conversations/{id}/messages", $$"""{"content":"late","reply_to":"{{request.GetProperty("message_id").GetString()}}"}""")).Refused(409, "conversation_closed");
        Assert.Equal("UNSUPPORTED_OPERATION", (await asking.SendMessage(Asking.AtOnce("more", "m-2", $$""","taskId":"{{id}}" """))).Reason);
        Assert.Equal("UNSUPPORTED_OPERATION", (await asking.Rest(HttpMethod.Post, $"/tasks/{id}:subscribe")).Reason);

        var done = (await asking.SendMessage(Asking.AtOnce("echo x", "m-3"))).Task.GetProperty("id").GetString();
        await asking.Reply(await asking.NextRequest(nth: 1), "\"x\"");
        Assert.Equal((400, "TASK_NOT_CANCELABLE"), ((await asking.Rest(HttpMethod.Post, $"/tasks/{done}:cancel")) is var refused ? (refused.Status, refused.Reason) : default));
        Assert.Equal("COMPLETED", (await asking.Rest(HttpMethod.Get, $"/tasks/{done}")).State);
    }

    [Fact]
    public async Task Nobody_else_has_a_task_neither_its_agent_nor_another_tenant()
    {
        await using var asking = await Asking.Begin("c");
        var api = asking.Talk.Api;
        var id = (await asking.SendMessage(Asking.AtOnce("silent", "m-1"))).Task.GetProperty("id").GetString();
        (await api.Client.Send(HttpMethod.Put, "/agents/c", asking.Talk.Key("c"), AgentKey.Put(new AgentKey(8).Card("c")))).Expect(200);
        foreach (var agent in (string[])["a", "b"]) (await api.Client.Send(HttpMethod.Put, $"/admin/agents/{agent}", RunningApi.SecondAdminKey, "{}")).Expect(200);
        var stranger = (await api.Client.Send(HttpMethod.Post, "/admin/agents/a/keys", RunningApi.SecondAdminKey, "{}")).Expect(201).Data.GetProperty("key").GetString()!;
        (HttpMethod, string)[] ways = [(HttpMethod.Get, $"/tasks/{id}"), (HttpMethod.Post, $"/tasks/{id}:cancel"), (HttpMethod.Post, $"/tasks/{id}:subscribe"), (HttpMethod.Get, $"/tasks/{id}:subscribe")];

        foreach (var (method, path) in ways)
        {
            foreach (var key in (string[])[asking.Talk.Key("b"), asking.Talk.Key("c"), stranger])
            {
                var answer = await asking.Send(method, $"/a2a/b{path}", null, key);
                Assert.Equal((404, "TASK_NOT_FOUND"), (answer.Status, answer.Reason));
            }

            // Nor is it a task of another agent.
            Assert.Equal(404, (await asking.Send(method, $"/a2a/c{path}", null, asking.Talk.Key("a"))).Status);
        }

        Assert.Equal("TASK_NOT_FOUND", (await asking.SendMessage(Asking.AtOnce("mine", "m-2", $$""","taskId":"{{id}}" """), "c")).Reason);
        Assert.Equal(0, (await asking.Rest(HttpMethod.Get, "/tasks", caller: "c")).Json.GetProperty("totalSize").GetInt32());
        Assert.Equal((404, "NOT_FOUND"), (await asking.Send(HttpMethod.Post, "/a2a/b/message:send", Asking.AtOnce("x", "m-1"), stranger)) is var none ? (none.Status, none.Reason) : default);
        Assert.Equal(404, (await asking.Send(HttpMethod.Get, "/a2a/b/.well-known/agent-card.json", null, stranger)).Status);
        Assert.Equal("SUBMITTED", (await asking.Rest(HttpMethod.Get, $"/tasks/{id}")).State);
    }

    [Fact]
    public async Task A_session_asks_whom_its_scope_names_and_a_signature_is_as_good_as_a_key()
    {
        await using var asking = await Asking.Begin();
        var client = asking.Talk.Api.Client;
        var (nobody, one) = (await client.OpenSession(agent: "a"), await client.OpenSession(agent: "a", peers: """["b"]"""));
        var refused = await asking.Send(HttpMethod.Post, "/a2a/b/message:send", Asking.AtOnce("x", "m-1"), nobody);
        Assert.Equal((403, "SCOPE_VIOLATION"), (refused.Status, refused.Reason));
        var asked = await asking.Send(HttpMethod.Post, "/a2a/b", $$"""{"jsonrpc":"2.0","id":7,"method":"SendMessage","params":{{Asking.AtOnce("x", "m-1")}}}""", one);
        Assert.Equal((200, 7), (asked.Status, asked.Json.GetProperty("id").GetInt32()));
        Assert.True(asked.Headers.Contains("RateLimit-Remaining"));

        var key = new AgentKey(9);
        (await client.Send(HttpMethod.Put, "/agents/a", asking.Talk.Key("a"), AgentKey.Put(key.Card("a")))).Expect(200);
        using var request = new SignedBy(key, client.Address, "a").Request(HttpMethod.Post, "/a2a/b/message:send", Asking.AtOnce("x", "m-1"));
        request.Headers.Add("A2A-Version", "1.0");
        using var http = new HttpClient { BaseAddress = client.Address };
        using var response = await http.SendAsync(request);
        var signed = JsonElement.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(asked.Json.GetProperty("result").GetProperty("task").GetProperty("id").GetString(), signed.GetProperty("task").GetProperty("id").GetString());
    }

    [Fact]
    public async Task What_was_erased_is_no_task_any_more()
    {
        await using var asking = await Asking.Begin();
        var id = (await asking.SendMessage(Asking.AtOnce("silent", "m-1"))).Task.GetProperty("id").GetString();
        (await asking.Talk.Delete("a", $"/conversations/{id}")).Expect(200);

        Assert.Equal("TASK_NOT_FOUND", (await asking.Rest(HttpMethod.Get, $"/tasks/{id}")).Reason);
        Assert.Equal(0, (await asking.Rest(HttpMethod.Get, "/tasks")).Json.GetProperty("tasks").GetArrayLength());
    }

    [Fact]
    public async Task Tasks_are_listed_page_by_page_in_the_order_in_which_something_became_of_them()
    {
        await using var asking = await Asking.Begin();
        var ids = new List<string>();
        for (var n = 0; n < 5; n++) ids.Add((await asking.SendMessage(Asking.AtOnce("silent", $"m-{n}", $$""","contextId":"{{(n < 3 ? "one" : "two")}}" """))).Task.GetProperty("id").GetString()!);
        await asking.Talk.Open("a", ["b"]); // a conversation that is no task
        await asking.Reply(await asking.NextRequest(nth: 1), "\"x\"");
        string[] order = [ids[1], ids[4], ids[3], ids[2], ids[0]];

        var listed = new List<string>();
        for (var token = ""; ;)
        {
            var page = (await asking.Rest(HttpMethod.Get, $"/tasks?pageSize=2&pageToken={token}")).Json;
            Assert.Equal((2, 5), (page.GetProperty("pageSize").GetInt32(), page.GetProperty("totalSize").GetInt32()));
            Assert.All(page.GetProperty("tasks").EnumerateArray(), task => Assert.False(task.TryGetProperty("artifacts", out _)));
            listed.AddRange(page.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!));
            token = page.GetProperty("nextPageToken").GetString()!;
            if (token.Length == 0) break;
        }

        Assert.Equal(order, listed);
        Assert.Equal([ids[2], ids[0]], await Ids("contextId=one&status=TASK_STATE_SUBMITTED"));
        Assert.Equal([ids[1]], await Ids("status=TASK_STATE_COMPLETED&includeArtifacts=true"));
        Assert.Empty(await Ids("statusTimestampAfter=2999-01-01T00:00:00Z"));
        Assert.Equal([ids[1]], (await asking.Rpc("ListTasks", """{"status":3}""")).Json.GetProperty("result").GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!));
        foreach (var wrong in (string[])["pageToken=x", "pageSize=0", "pageSize=101", "status=DONE", "historyLength=-1", "statusTimestampAfter=yesterday", "includeArtifacts=maybe"])
        {
            Assert.Equal((400, "INVALID_PARAMS"), (await asking.Rest(HttpMethod.Get, $"/tasks?{wrong}")) is var refused ? (refused.Status, refused.Reason) : default);
        }

        async Task<IEnumerable<string>> Ids(string query) => (await asking.Rest(HttpMethod.Get, $"/tasks?{query}")).Json.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("id").GetString()!);
    }

    [Fact]
    public async Task An_agents_card_is_shown_to_who_may_call_and_is_kept_by_its_tag()
    {
        await using var asking = await Asking.Begin();
        const string Card = "/a2a/b/.well-known/agent-card.json";
        var shown = await asking.Send(HttpMethod.Get, Card, null, asking.Talk.Key("a"));

        Assert.Equal((200, "1", "translate"), (shown.Status, shown.Json.GetProperty("version").GetString(), shown.Json.GetProperty("skills")[0].GetProperty("id").GetString()));
        Assert.Equal(["JSONRPC", "HTTP+JSON"], shown.Json.GetProperty("supportedInterfaces").EnumerateArray().Select(one => one.GetProperty("protocolBinding").GetString()));
        Assert.False(shown.Json.GetProperty("capabilities").GetProperty("extensions")[0].GetProperty("params").TryGetProperty("card", out _));
        Assert.Equal(304, (await asking.Send(HttpMethod.Get, Card, null, asking.Talk.Key("a"), ("If-None-Match", shown.Headers.ETag!.Tag))).Status);
        var extended = (await asking.Rest(HttpMethod.Get, "/extendedAgentCard")).Json.GetProperty("capabilities").GetProperty("extensions")[0].GetProperty("params");
        Assert.Equal((new AgentKey(7).Card("b"), "gone"), (extended.GetProperty("card").GetString(), extended.GetProperty("status").GetString()));
        var unknown = await asking.Send(HttpMethod.Get, Card, null, null);
        Assert.Equal((401, "UNAUTHORIZED"), (unknown.Status, unknown.Reason));
        Assert.Equal("Bearer", unknown.Headers.WwwAuthenticate.ToString());
        Assert.Equal(404, (await asking.Send(HttpMethod.Get, "/a2a/a/.well-known/agent-card.json", null, asking.Talk.Key("a"))).Status);
    }
}
