using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Gpt;

/// <summary>A person in a chat: signs in, is shown services, does a sponsor's task, runs what it pays for, and sees what came of it.</summary>
public sealed class GptFlowTests
{
    private const string Answers = """ "output":{"rating":5,"why":"It works","again":true},"consents":[{"type":"data_sharing","granted":true}] """;
    private const string Input = """ "input":{"text":"A long text."} """;

    [Fact]
    public async Task A_person_finds_a_service_does_the_task_and_runs_it_and_the_sponsor_pays()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var chat = await Chat.SignIn(api.Client);

        var found = (await chat.Get("/gpt/services?q=summarize")).Expect(200).Json;
        Assert.Equal(["services", "total_count", "message", "untrusted_fields"], found.EnumerateObject().Select(member => member.Name));
        Assert.Equal((1, "summary"), (found.GetProperty("total_count").GetInt32(), found.GetProperty("services")[0].GetProperty("service_id").GetString()));
        var task = (await chat.Get("/gpt/tasks/survey")).Expect(200).Json;
        Assert.Equal(("Three questions", "The sponsor sees what the task's output says about the user."), (Text(task, "description"), Text(task.GetProperty("consent_meanings")[0], "meaning")));

        var done = (await chat.Post("/gpt/tasks/survey/complete", Answers)).Expect(201).Json;
        Assert.Equal(("human", "human", "summary"), (Text(done, "execution_mode"), Text(done, "granted_via"), done.GetProperty("unlocked_services")[0].GetString()));
        var run = (await chat.Post("/gpt/services/summary/run", Input)).Expect(200).Json;
        Assert.Equal(("succeeded", "sponsor", "25", "Done. A sponsor has paid for it."), (Text(run, "state"), Text(run, "source"), run.GetProperty("amount_cents").GetRawText(), Text(run, "message")));

        var status = (await chat.Get("/gpt/user/status")).Expect(200).Json;
        Assert.Equal(("25", "75", "human"), (status.GetProperty("spent_cents").GetRawText(), status.GetProperty("remaining_cents").GetRawText(), Text(status.GetProperty("consents")[0], "granted_via")));
        Assert.Equal("Spent in this session: 25 cents. Left: 75 cents.", Text(status, "message"));
    }

    [Fact]
    public async Task What_a_person_does_is_a_persons_in_the_audit_and_to_the_sponsor_and_what_an_agent_does_an_agents()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var chat = await Chat.SignIn(api.Client);
        (await chat.Post("/gpt/tasks/survey/complete", Answers)).Expect(201);
        (await chat.Post("/gpt/services/summary/run", Input)).Expect(200);
        await api.Client.Complete(await api.Client.OpenSession("user-2"));

        var completions = (await api.Client.Admin(HttpMethod.Get, "/admin/completions")).Expect(200).Data.GetProperty("completions").EnumerateArray();
        Assert.Equal([("user-2", "agent"), ("user-1", "human")], completions.Select(one => (Text(one, "user_id"), Text(one, "execution_mode"))));
        var runs = (await api.Client.Admin(HttpMethod.Get, "/admin/audit?operation=run_service")).Expect(200).Data.GetProperty("entries").EnumerateArray();
        Assert.Equal([("run_service", "POST /gpt/services/{service_id}/run", "human")], runs.Select(one => (Text(one, "operation"), Text(one, "endpoint"), Text(one, "execution_mode"))));
        var tasks = (await api.Client.Admin(HttpMethod.Get, "/admin/audit?operation=complete_task")).Expect(200).Data.GetProperty("entries").EnumerateArray();
        Assert.Equal(["agent", "human"], tasks.Select(one => Text(one, "execution_mode")));
    }

    [Fact]
    public async Task The_same_asked_for_again_is_done_and_paid_once_however_it_is_spelled_and_anew_with_another_request_id()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var calls = 0;
        api.Service.Seen = (_, _) => Interlocked.Increment(ref calls);
        await api.Client.Load();
        var chat = await Chat.SignIn(api.Client);
        (await chat.Post("/gpt/tasks/survey/complete", Answers)).Expect(201);
        Assert.True((await chat.Post("/gpt/tasks/survey/complete", Answers)).Expect(201).Json.GetProperty("already_done").GetBoolean());

        var first = (await chat.Post("/gpt/services/summary/run", Input)).Expect(200).Json;
        Assert.False(first.GetProperty("already_done").GetBoolean());
        foreach (var spelled in new[] { Input, """ "input" : { "text" : "A long text." } """, """ "input":{"text":"\u0041 long text."} """, """ "input":{"text":"A long text."},"request_id":null,"max_price_cents":null """ })
        {
            var again = (await chat.Post("/gpt/services/summary/run", spelled)).Expect(200).Json;
            Assert.Equal((true, Text(first, "run_id")), (again.GetProperty("already_done").GetBoolean(), Text(again, "run_id")));
        }

        foreach (var path in new[] { "/gpt/services/summary/run/", "/gpt/services/s%75mmary/run", "/gpt/services/summary/run?" })
        {
            Assert.Equal(Text(first, "run_id"), Text((await chat.Post(path, Input)).Expect(200).Json, "run_id"));
        }

        // A second sign-in gives the same session: a model that has lost its token pays only once, whatever other values it names.
        foreach (var more in new[] { ""","budget_limit_cents":50""", ""","expires_in_seconds":600""", ""","budget_limit_cents":7,"expires_in_seconds":60""" })
        {
            Assert.Equal(chat.Token, Text((await api.Client.Post("/gpt/auth", RunningApi.GptKey, $$"""{"user_id":"user-1"{{more}}}""")).Expect(201).Json, "session_token"));
        }

        var later = await Chat.SignIn(api.Client);
        Assert.Equal(chat.Token, later.Token);
        Assert.Equal(chat.Token, Text((await api.Client.Post("/gpt/auth", RunningApi.GptKey, """{"user_id":"user-1","budget_limit_cents":null,"expires_in_seconds":null}""")).Expect(201).Json, "session_token"));
        Assert.Equal(1, calls);

        Assert.NotEqual(Text(first, "run_id"), Text((await chat.Post("/gpt/services/summary/run", $"""{Input},"request_id":"once-more" """)).Expect(200).Json, "run_id"));
        Assert.Equal(2, calls);
    }

    [Fact]
    public async Task The_same_input_to_another_service_is_another_run()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        await api.Client.Load();
        (await api.Client.Admin(HttpMethod.Put, "/admin/services/other", Support.Catalogue.Service.Replace("Summarizer", "Other", StringComparison.Ordinal))).Expect(200);
        (await api.Client.Admin(HttpMethod.Put, "/admin/campaigns/survey", Support.Catalogue.Campaign.Replace("\"services\":[", "\"services\":[{\"service_id\":\"other\"},", StringComparison.Ordinal))).Expect(200);
        var chat = await Chat.SignIn(api.Client);
        (await chat.Post("/gpt/tasks/survey/complete", Answers)).Expect(201);

        var (first, other) = ((await chat.Post("/gpt/services/summary/run", Input)).Expect(200).Json, (await chat.Post("/gpt/services/other/run", Input)).Expect(200).Json);

        Assert.Equal(("summary", "other", false), (Text(first, "service_id"), Text(other, "service_id"), other.GetProperty("already_done").GetBoolean()));
        Assert.Equal("50", (await chat.Get("/gpt/user/status")).Expect(200).Json.GetProperty("spent_cents").GetRawText());
    }

    [Fact]
    public async Task A_double_click_runs_once()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        var calls = 0;
        api.Service.Seen = (_, _) => Interlocked.Increment(ref calls);
        await api.Client.Load();
        var chat = await Chat.SignIn(api.Client);
        (await chat.Post("/gpt/tasks/survey/complete", Answers)).Expect(201);

        var clicks = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => chat.Post("/gpt/services/summary/run", Input)));

        var run = Text((await chat.Post("/gpt/services/summary/run", Input)).Expect(200).Json, "run_id");
        Assert.All(clicks, click => Assert.Equal(run, click.Status == 200 ? Text(click.Json, "run_id") : click.Refused(409, Core.Kernel.Codes.IdempotencyInFlight) is not null ? run : null));
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task What_failed_is_tried_anew_by_the_same_request_and_costs_once()
    {
        await using var api = await RunningApi.Start(duplicateWindowSeconds: 0);
        await api.Client.Load();
        var chat = await Chat.SignIn(api.Client);
        (await chat.Post("/gpt/services/summary/run", Input)).Refused(402, Codes.PaymentRequired);
        (await chat.Post("/gpt/tasks/survey/complete", Answers)).Expect(201);
        var answers = api.Service.Answers;
        api.Service.Answers = PlayedService.Fails(Codes.UpstreamFailed);
        for (var failure = 0; failure < 40; failure++)
        {
            (await chat.Post("/gpt/services/summary/run", Input)).Refused(502, Codes.UpstreamFailed);
        }

        api.Service.Answers = answers;
        (await chat.Post("/gpt/services/summary/run", Input)).Expect(200);
        Assert.True((await chat.Post("/gpt/services/summary/run", Input)).Expect(200).Json.GetProperty("already_done").GetBoolean());

        Assert.Equal("25", (await chat.Get("/gpt/user/status")).Expect(200).Json.GetProperty("spent_cents").GetRawText());
    }

    /// <summary>JSON allows half a surrogate pair in a service's output, and it was paid for.</summary>
    [Theory]
    [InlineData("""{"summary":"\ud800"}""")]
    [InlineData("""{"\udfff":1}""")]
    public async Task An_output_with_half_a_surrogate_pair_is_shown_as_it_is(string output)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var chat = await Chat.SignIn(api.Client);
        (await chat.Post("/gpt/tasks/survey/complete", Answers)).Expect(201);
        api.Service.Answers = PlayedService.Says(output);

        Assert.Equal(output, (await chat.Post("/gpt/services/summary/run", Input)).Expect(200).Json.GetProperty("output").GetRawText());
    }

    [Fact]
    public async Task A_session_that_was_ended_is_not_given_again()
    {
        await using var api = await RunningApi.Start();
        var chat = await Chat.SignIn(api.Client);
        var session = (await api.Client.Admin(HttpMethod.Get, "/admin/sessions")).Expect(200).Data.GetProperty("sessions")[0];
        (await api.Client.Admin(HttpMethod.Post, $"/admin/sessions/{Text(session, "session_id")}/end", """{"reason":"Lost phone"}""")).Expect(200);
        (await chat.Get("/gpt/user/status")).Refused(401, Codes.SessionRevoked);

        var anew = await Chat.SignIn(api.Client);

        Assert.NotEqual(chat.Token, anew.Token);
        (await anew.Get("/gpt/user/status")).Expect(200);
    }

    [Fact]
    public async Task A_session_that_is_over_is_not_given_again_and_the_same_sign_in_opens_another()
    {
        var time = new MovedTime();
        await using var api = await RunningApi.Start(time: time);
        await Chat.Allow(api.Client);
        const string SignIn = """{"user_id":"user-1","expires_in_seconds":60}""";
        var first = Text((await api.Client.Post("/gpt/auth", RunningApi.GptKey, SignIn)).Expect(201).Json, "session_token");
        time.Move(TimeSpan.FromSeconds(59));
        Assert.Equal(first, Text((await api.Client.Post("/gpt/auth", RunningApi.GptKey, SignIn)).Expect(201).Json, "session_token"));

        time.Move(TimeSpan.FromSeconds(2));
        var second = new Chat(api.Client, RunningApi.GptKey, Text((await api.Client.Post("/gpt/auth", RunningApi.GptKey, SignIn)).Expect(201).Json, "session_token"));

        Assert.NotEqual(first, second.Token);
        (await second.Get("/gpt/user/status")).Expect(200);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
