using System.Text.Json;
using Agora.Api.Tests.Support;
using Agora.Api.Tests.Tenants;
using Agora.Application.Operations;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.BadInput;

/// <summary>A parameter that nobody knows is refused by name wherever it stands: what somebody meant by it is not ignored.</summary>
public sealed class UnknownParameterTests
{
    [Fact]
    public async Task Every_operation_refuses_a_parameter_it_does_not_know_by_name_and_changes_nothing()
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await OneTenant.First(api).OpenToken();
        var chat = await Chat.SignIn(api.Client);
        var completion = (await api.Client.Post("/agent/tasks/survey/complete", token, Support.Catalogue.Completion)).Expect(201).Data;
        var run = (await api.Client.Post("/agent/services/summary/run", token, Support.Catalogue.Input)).Expect(200).Data;
        var talk = (await api.Client.Post("/conversations", token, "{}")).Expect(201).Data;
        var known = new Dictionary<string, string> { ["service_id"] = "summary", ["campaign_id"] = "survey", ["completion_id"] = Text(completion, "completion_id"), ["run_id"] = Text(run, "run_id"), ["upstream_id"] = "maps", ["conversation_id"] = Text(talk, "conversation_id") };
        var before = await AtRest(api.Client, token);

        var operations = api.Services.GetRequiredService<OperationTable>().All.Where(o => o.Audience != Audience.People).ToList();
        foreach (var operation in operations)
        {
            var credential = operation.Audience.IsPlain ? RunningApi.GptKey : operation.Audience.OfAgents ? token : operation.Audience == Audience.Operators ? RunningApi.AdminKey : RunningApi.PlatformKey;
            var path = operation.Sheet.Ids.Aggregate(operation.Route, (route, id) => route.Replace($"{{{id}}}", known.GetValueOrDefault(id, "0198c0de-0000-7000-8000-000000000000"), StringComparison.Ordinal));
            (string, string)[] headers = operation.RequiresKey ? [(IdempotencyKeys.Header, operation.Name)] : [];

            var refused = await api.Client.Send(new(operation.Method), $"{chat.Path(operation, path)}{(operation.Audience.IsPlain && operation.IsRead ? '&' : '?')}zz=1", credential, chat.Body(operation), headers);

            Assert.True(refused.Status == 422, $"{operation.Endpoint}: {refused.Status} {refused.Json}");
            Assert.Contains(("zz", "additionalProperties"), refused.Error.GetProperty("details").EnumerateArray().Select(d => (Text(d, "path"), Text(d, "keyword"))));
        }

        Assert.True(operations.Count(o => !o.IsRead) > 30, $"{operations.Count} operations");
        Assert.Equal(before, await Look(api.Client, token));
    }

    /// <summary>The provider is paid behind the run's answer: until then lists still change.</summary>
    private static async Task<string> AtRest(Client client, string token)
    {
        using var late = new CancellationTokenSource(Hang.Timeout);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var (before, now) = ("", await Look(client, token)); ; (before, now) = (now, await Look(client, token)))
        {
            if (before == now && now.Contains("\"wallet_id\":\"text-provider\"", StringComparison.Ordinal)) return now;

            await timer.WaitForNextTickAsync(late.Token);
        }
    }

    private static async Task<string> Look(Client client, string token)
    {
        var lists = new[] { "users", "services", "campaigns", "sessions", "payments", "wallets", "agents", "campaigns/survey/rewards" };
        var seen = await Task.WhenAll(lists.Select(async list => (await client.Admin(HttpMethod.Get, $"/admin/{list}")).Expect(200).Data.ToString()));
        return string.Join('\n', [(await client.Get("/agent/flow/status", token)).Expect(200).Data.GetProperty("session").ToString(), .. seen]);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
