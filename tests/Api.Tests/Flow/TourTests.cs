using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Testing;
using Xunit.Abstractions;

namespace Agora.Api.Tests.Flow;

/// <summary>The tour of docs/tour.md, request for request, over the demo's catalogue: what a model has to read of it is bounded.</summary>
public sealed class TourTests(ITestOutputHelper output)
{
    private const int MostTokens = 2_500;
    private const int MostTokensOfTree = 400;
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (string Method, string Path, string? Body)[] Steps =
    [
        ("POST", "/agent/auth", """
            {"agent_id":"a1","user_id":"u1",
              "scopes":{"allowed_task_types":["*"],"allowed_data_types":["*"],"allowed_categories":["*"],"allowed_consents":["*"],"budget_limit_cents":100}}
            """),
        ("GET", "/agent/services?q=summary", null),
        ("POST", "/agent/tasks/morning-coffee-survey/complete", """
            {
              "output":{"cups_per_day":2,"place":"home","favourite_times":["morning"],"comment":"Black, in a large cup."},
              "consents":[{"type":"data_sharing","granted":true}]}
            """),
        ("POST", "/agent/services/text-summary/run", """
            {
              "input":{"text":"Agora runs services. Sponsors pay for them. Nothing acknowledged is lost.","sentences":1}}
            """),
        ("POST", "/agent/session/delegate", """{"agent_id":"a2","scopes":{"budget_limit_cents":10},"expires_in_seconds":600}"""),
        ("GET", "/agent/session/tree", null),
        ("GET", "/agent/audit/history", null),
        ("GET", "/admin/campaigns/morning-coffee-survey", null),
    ];

    [Fact]
    public void The_steps_are_those_of_the_tour()
    {
        var tour = Repository.Text("docs/tour.md");

        Assert.All(Steps, step => Assert.Contains(step.Path, tour, StringComparison.Ordinal));
        Assert.All(Steps.Where(step => step.Body is not null), step => Assert.Contains($"-d '{Flat(step.Body!)}'", Flat(tour).Replace("'$U'", "u1", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    [NodePackagesFact]
    public async Task What_an_agent_reads_in_the_six_steps_is_at_most_2500_tokens_and_the_tree_400()
    {
        var replies = await Walk();
        var tokens = await Tokens.Of(replies.Select(reply => reply.GetRawText()));
        var actions = await Tokens.Of(replies.Select(reply => reply.GetProperty("next_actions").GetRawText()));
        foreach (var (step, all, advice) in Steps.Zip(tokens, actions))
        {
            output.WriteLine($"{all,5} tokens, {advice,4} of next_actions  {step.Method} {step.Path}");
        }

        var read = Steps.Zip(tokens).Where(one => !IsOperators(one.First.Path)).Sum(one => one.Second);
        output.WriteLine($"{read,5} tokens are the agent's, {tokens.Sum()} with the operator's; {actions.Sum(),4} of next_actions");
        Assert.InRange(read, 1, MostTokens);
        Assert.InRange(tokens[Array.FindIndex(Steps, step => step.Path == "/agent/session/tree")], 1, MostTokensOfTree);
    }

    private static async Task<IReadOnlyList<JsonElement>> Walk()
    {
        await using var api = await RunningApi.Start();
        api.Service.Answers = PlayedService.Says("""{"summary":"Agora runs services.","sentences":["Agora runs services."],"language":"en","sentences_read":3}""");
        await LoadDemo(api.Client);
        var (key, replies) = (RunningApi.PlatformKey, new List<JsonElement>());
        foreach (var (method, path, body) in Steps)
        {
            var reply = await api.Client.Send(new(method), path, IsOperators(path) ? RunningApi.AdminKey : key, body);
            Assert.True(reply.Status is 200 or 201, $"{path}: {reply.Json}");
            key = path == "/agent/auth" ? reply.Data.GetProperty("token").GetString()! : key;
            replies.Add(reply.Json);
        }

        return replies;
    }

    private static async Task LoadDemo(Client client)
    {
        var catalogue = JsonNode.Parse(Repository.Text("samples/catalogue/catalogue.json").Replace("{TEXT_SERVICE}", "https://text.example", StringComparison.Ordinal))!;
        foreach (var service in catalogue["services"]!.AsArray())
        {
            (await client.Admin(HttpMethod.Put, $"/admin/services/{service!["service_id"]}", service["put"]!.ToJsonString(Readable))).Expect(200);
        }

        foreach (var campaign in catalogue["campaigns"]!.AsArray())
        {
            var path = $"/admin/campaigns/{campaign!["campaign_id"]}";
            (await client.Admin(HttpMethod.Put, path, campaign["put"]!.ToJsonString(Readable))).Expect(200);
            (await client.Admin(HttpMethod.Post, $"{path}/fund", $$"""{"amount_cents":{{campaign["fund_cents"]}}}""", ("Idempotency-Key", path))).Expect(200);
        }
    }

    private static bool IsOperators(string path) => path.StartsWith("/admin", StringComparison.Ordinal);

    private static string Flat(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c))).Replace("-d'", "-d '", StringComparison.Ordinal);
}
