using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Application.Language;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Gpt;

/// <summary>Who comes in by /gpt, and what anybody else is told.</summary>
public sealed class GptEntryTests
{
    private static readonly string[] Paths = ["/gpt/services", "/gpt/tasks/survey", "/gpt/user/status"];

    [Fact]
    public async Task Only_a_chats_key_opens_it_and_a_chats_key_opens_nothing_else()
    {
        await using var api = await RunningApi.Start();
        var chat = await Chat.SignIn(api.Client);
        var agent = await api.Client.OpenSession();

        foreach (var key in new[] { null, RunningApi.PlatformKey, RunningApi.AdminKey, agent, chat.Token })
        {
            foreach (var path in Paths)
            {
                Assert.Equal(PlainWords.NoKey, Text((await (chat with { Key = key! }).Get(path)).Refused(401, Codes.Unauthorized).Error, "message"));
            }

            (await api.Client.Post("/gpt/auth", key, """{"user_id":"user-1"}""")).Refused(401, Codes.Unauthorized);
        }

        foreach (var credential in new[] { RunningApi.GptKey, chat.Token })
        {
            (await api.Client.Get("/agent/flow/status", credential)).Refused(401, Codes.Unauthorized);
            (await api.Client.Post("/agent/auth", credential, """{"agent_id":"chat","user_id":"user-1"}""")).Refused(401, Codes.Unauthorized);
            (await api.Client.Send(HttpMethod.Get, "/admin/users", credential)).Refused(401, Codes.Unauthorized);
        }
    }

    /// <summary>The shared client holds each reply to the OpenAPI document, which has no route for these.</summary>
    [Theory]
    [InlineData("GET", "/gpt/nope", 404, Codes.NotFound)]
    [InlineData("GET", "/gpt", 404, Codes.NotFound)]
    [InlineData("DELETE", "/gpt/services", 405, Codes.MethodNotAllowed)]
    public async Task A_path_that_is_not_served_is_refused_in_the_form_of_all_others(string method, string path, int status, string code)
    {
        await using var api = await RunningApi.Start();
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        using var request = new HttpRequestMessage(new(method), path);
        using var refused = await http.SendAsync(request);
        var answer = JsonElement.Parse(await refused.Content.ReadAsStringAsync());

        Assert.Equal(status, (int)refused.StatusCode);
        Assert.Equal(["error"], answer.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["code", "message", "details"], answer.GetProperty("error").EnumerateObject().Select(member => member.Name));
        Assert.Equal(code, answer.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_person_whom_nobody_has_let_in_gets_no_session_and_comes_to_no_life()
    {
        await using var api = await RunningApi.Start();
        (await api.Client.Post("/gpt/auth", RunningApi.GptKey, """{"user_id":"nobody"}""")).Refused(404, Codes.NotFound);
        (await api.Client.Admin(HttpMethod.Put, "/admin/users/user-1", "{}")).Expect(200);
        var before = api.Activations;

        (await api.Client.Post("/gpt/auth", RunningApi.GptKey, """{"user_id":"nobody"}""")).Refused(404, Codes.NotFound);
        Assert.Equal(before, api.Activations);
        (await api.Client.Post("/gpt/auth", RunningApi.GptKey, """{"user_id":"user-1"}""")).Refused(403, Codes.GrantExceeded);

        await Chat.Allow(api.Client);
        (await api.Client.Post("/gpt/auth", RunningApi.GptKey, """{"user_id":"user-1","budget_limit_cents":101}""")).Refused(403, Codes.GrantExceeded);
        (await api.Client.Post("/gpt/auth", RunningApi.GptKey, """{"user_id":"user-1","budget_limit_cents":7}""")).Expect(201);
        await api.Client.PutAgents("chat");
        (await api.Client.Admin(HttpMethod.Post, "/admin/agents/chat/stop", """{"reason":"Too eager"}""")).Expect(200);
        (await api.Client.Post("/gpt/auth", RunningApi.GptKey, """{"user_id":"user-1"}""")).Refused(403, Codes.SessionSuspended);
    }

    [Fact]
    public async Task A_token_is_of_one_chat_of_one_tenant_and_one_that_was_made_up_wakes_nothing()
    {
        await using var api = await RunningApi.Start();
        var first = await Chat.SignIn(api.Client);
        var second = await Chat.SignIn(api.Client, RunningApi.SecondAdminKey, RunningApi.SecondGptKey);
        Assert.Matches(GptTokens.Pattern, first.Token);
        Assert.NotEqual(first.Token, second.Token);
        var before = api.Activations;

        string[] others = [second.Token, Guid.NewGuid().ToString(), first.Token.ToUpperInvariant(), first.Token.Replace("-", "", StringComparison.Ordinal), "", "x", $"{first.Token}0", "0198c0de-0000-7000-8000-000000000000"];
        foreach (var token in others)
        {
            (await api.Client.Get($"/gpt/user/status?session_token={token}", RunningApi.GptKey)).Refused(401, Codes.Unauthorized);
            (await api.Client.Post("/gpt/services/summary/run", RunningApi.GptKey, $$"""{"input":{},"session_token":"{{token}}"}""")).Refused(401, Codes.Unauthorized);
        }

        (await api.Client.Get("/gpt/user/status", RunningApi.GptKey)).Refused(401, Codes.Unauthorized);
        (await api.Client.Post("/gpt/services/summary/run", RunningApi.GptKey, """{"session_token":7,"input":{}}""")).Refused(401, Codes.Unauthorized);
        (await api.Client.Post("/gpt/services/summary/run", RunningApi.GptKey, "[]")).Refused(401, Codes.Unauthorized);
        (await api.Client.Post("/gpt/services/summary/run", RunningApi.GptKey, "{")).Refused(400, Codes.MalformedRequest);
        Assert.Equal(before, api.Activations);
    }

    [Fact]
    public void A_token_is_read_as_what_it_was_made_of_by_every_process_with_the_same_token_key_and_by_no_other_key()
    {
        var (one, other) = (Tokens(0), Tokens(0));
        var ids = Enumerable.Range(0, 64).Select(i => Ids.Derive(DateTimeOffset.UnixEpoch.AddDays(i), Guid.NewGuid(), i).ToString("D")).ToList();
        var second = Tenant.Parse("second")!;
        foreach (var id in ids)
        {
            var token = one.Mint(Tenant.Default, "chat", id);
            Assert.Matches(GptTokens.Pattern, token);
            Assert.Equal(id, other.Read(Tenant.Default, "chat", token));
            Assert.Equal(token, other.Mint(Tenant.Default, "chat", id));
            Assert.NotEqual(id, Tokens(1).Read(Tenant.Default, "chat", token));
            Assert.NotEqual(id, one.Read(Tenant.Default, "chat2", token));
            Assert.NotEqual(id, one.Read(second, "chat", token));
        }

        Assert.Equal(ids.Count, ids.Select(id => one.Mint(Tenant.Default, "chat", id)).Distinct().Count());
    }

    [Fact]
    public async Task All_that_a_chat_asks_for_shares_one_bucket_and_another_chat_has_its_own()
    {
        var time = new MovedTime();
        await using var api = await RunningApi.Start(gptRatePerMinute: 3, time: time);
        var chat = await Chat.SignIn(api.Client);
        var second = await Chat.SignIn(api.Client, RunningApi.SecondAdminKey, RunningApi.SecondGptKey);
        (await chat.Get("/gpt/services")).Expect(200);
        (await chat.Get("/gpt/user/status")).Expect(200);

        var refused = (await chat.Get("/gpt/services")).Refused(429, Codes.RateLimited);
        Assert.InRange(int.Parse(refused.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 20);
        Assert.Equal("That is too much at once. Please wait a moment.", refused.Error.GetProperty("message").GetString());
        (await api.Client.Post("/gpt/auth", RunningApi.GptKey, """{"user_id":"user-1"}""")).Refused(429, Codes.RateLimited);
        (await second.Get("/gpt/services")).Expect(200);

        time.Move(TimeSpan.FromSeconds(20));
        (await chat.Get("/gpt/services")).Expect(200);
        (await chat.Get("/gpt/services")).Refused(429, Codes.RateLimited);
    }

    [Fact]
    public async Task A_refusal_says_it_to_a_person_and_to_the_program_what_is_wrong()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var chat = await Chat.SignIn(api.Client);

        var unpaid = (await chat.Post("/gpt/services/summary/run", """ "input":{"text":"A text."} """)).Refused(402, Codes.PaymentRequired);
        Assert.Equal(["error"], unpaid.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal(["code", "message", "details"], unpaid.Error.EnumerateObject().Select(member => member.Name));
        Assert.Equal((PlainWords.Of(Codes.PaymentRequired), "A sponsor would pay for this service once its task is completed."), (Text(unpaid.Error, "message"), Text(unpaid.Error.GetProperty("details"), "reason")));
        Assert.Equal("survey", unpaid.Error.GetProperty("details").GetProperty("campaign_ids")[0].GetString());

        var wrong = (await chat.Post("/gpt/services/summary/run", """ "input":{"text":7},"pay_with":"wallet" """)).Refused(422, Codes.ValidationFailed);
        Assert.Equal(["/input/text", "/pay_with"], wrong.Error.GetProperty("details").EnumerateArray().Select(one => Text(one, "path")).Order());
        Assert.Equal("error.details[].message", wrong.Json.GetProperty("untrusted_fields")[0].GetString());
        var refused = await chat.Post("/gpt/tasks/survey/complete", """ "output":{"rating":5,"why":"It works","again":true},"consents":[{"type":"data_sharing","granted":false}] """);
        refused.Refused(422, Codes.ValidationFailed);
        Assert.Equal(0, (await chat.Get("/gpt/user/status")).Expect(200).Json.GetProperty("total_consents").GetInt32());

        var japanese = await chat.Client.Send(HttpMethod.Get, "/gpt/user/status", RunningApi.GptKey, null, ("Accept-Language", "ja"));
        Assert.Equal("サインインが切れています。もう一度サインインしてください。", Text(japanese.Refused(401, Codes.Unauthorized).Error, "message"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_is_asked_for_another_input_where_the_service_refuses_this_one_and_for_none_where_it_failed(bool isOfInput)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        api.Service.Answers = _ => Task.FromResult<StepOutcome>(new ServiceOutcome.CallFailed(Codes.UpstreamFailed, "The service failed.", 1) { IsOfInput = isOfInput });
        var chat = await Chat.SignIn(api.Client);
        (await chat.Post("/gpt/tasks/survey/complete", """ "output":{"rating":5,"why":"It works","again":true},"consents":[{"type":"data_sharing","granted":true}] """)).Expect(201);

        var refused = (await chat.Post("/gpt/services/summary/run", """ "input":{"text":"A text."} """)).Refused(502, Codes.UpstreamFailed);

        Assert.Equal(isOfInput ? PlainWords.OtherInput : PlainWords.Of(Codes.UpstreamFailed), Text(refused.Error, "message"));
    }

    [Fact]
    public async Task What_could_not_be_decided_is_said_in_the_same_form_and_is_done_by_the_same_request_later()
    {
        FailingEntities entities = null!;
        await using var api = await RunningApi.Start(edge: inner => entities = new(inner));
        await api.Client.Load();
        var chat = await Chat.SignIn(api.Client);
        (await chat.Post("/gpt/tasks/survey/complete", """ "output":{"rating":5,"why":"It works","again":true},"consents":[{"type":"data_sharing","granted":true}] """)).Expect(201);
        const string Input = """ "input":{"text":"A text."} """;

        entities.Out = true;
        var refused = (await chat.Post("/gpt/services/summary/run", Input)).Refused(503, Codes.Unavailable);
        Assert.Equal((PlainWords.Again, "2"), (Text(refused.Error, "message"), refused.Header("Retry-After")));
        entities.Out = false;

        (await chat.Post("/gpt/services/summary/run", Input)).Expect(200);
    }

    [Fact]
    public void Every_code_has_words_for_a_person_in_both_languages()
    {
        foreach (var code in Refusals.AllCodes)
        {
            Assert.NotNull(Words.Japanese.Find(PlainWords.Of(code)));
            Assert.DoesNotContain("_", PlainWords.Of(code), StringComparison.Ordinal);
        }

        Assert.All((string[])[PlainWords.OtherInput, PlainWords.NoKey], text => Assert.NotNull(Words.Japanese.Find(text)));
    }

    private static GptTokens Tokens(byte key) => new(new ApiOptions
    {
        TokenKey = Enumerable.Repeat(key, 32).ToArray(), OperatorKeys = [], Policy = new SessionPolicy(30, 10), NotReady = _ => Task.FromResult<string?>(null),
    });

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
