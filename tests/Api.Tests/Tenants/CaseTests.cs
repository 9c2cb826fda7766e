using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Application.Operations;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Tenants;

/// <summary>Ids have one spelling. Every operation that names one in its path is asked for it in other letters, and answers as for an id that nothing has.</summary>
public sealed class CaseTests
{
    private static readonly string[] Kept = ["agents/agent-1", "campaigns/survey", "services/summary", "upstreams/calc", "users/user-1/grants/agent-1", "users/user-1/raise", "wallets/agent:agent-1", "webhooks/books"];

    /// <summary>What names something that is not there makes it.</summary>
    private static readonly string[] Making = ["deposit", "issue_agent_key", "withdraw"];

    public static TheoryData<string> Stores => Store.Names;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task An_id_in_other_letters_is_unknown_in_every_operation(string store)
    {
        await using var opened = await Store.Open(store);
        await using var api = await RunningApi.Start(store: opened.Journal);
        var filled = await FilledTenant.Of(api);
        var chat = await Chat.SignIn(api.Client);
        var before = await Look(api);

        var called = 0;
        var faults = new List<string>();
        foreach (var operation in Operations(api))
        {
            foreach (var name in operation.Sheet.Ids.Where(name => IdOf(operation, name, filled).Any(char.IsLetter)))
            {
                var id = IdOf(operation, name, filled);
                var (unknown, other) = (await Call(api, operation, name, Unknown(id), filled, chat), await Call(api, operation, name, OtherLetters(id), filled, chat));
                called++;
                if (Outcome(unknown) != Outcome(other) || (other.Status < 300 && !IsPut(operation) && !Making.Contains(operation.Name)) || (operation.IsRead && other.Status != 404))
                {
                    faults.Add($"{operation.Endpoint} with {OtherLetters(id)}: {other.Status} {other.Json}; with {Unknown(id)}: {unknown.Status}");
                }
            }
        }

        Assert.Empty(faults);
        Assert.True(called > 60, $"{called} calls");
        Assert.Equal(before, await Look(api));
    }

    private static IEnumerable<Operation> Operations(RunningApi api) =>
        api.Services.GetRequiredService<OperationTable>().All.Where(o => o.Audience != Audience.People && o.Sheet.Ids.Count > 0).OrderBy(o => (IsPut(o), !o.IsRead));

    private static string IdOf(Operation operation, string name, FilledTenant filled) => operation.Name == "decide_approval" ? filled.WaitingRun : filled.Ids[name];

    /// <summary>Of a wallet's id only what its owner is called by: the prefix says what it is the wallet of.</summary>
    private static string OtherLetters(string id) => id[..(id.IndexOf(':', StringComparison.Ordinal) + 1)] + id[(id.IndexOf(':', StringComparison.Ordinal) + 1)..].ToUpperInvariant();

    private static string Unknown(string id) => Guid.TryParse(id, out _) ? Guid.NewGuid().ToString("D") : id[..(id.IndexOf(':', StringComparison.Ordinal) + 1)] + "nobody-1";

    private static bool IsPut(Operation operation) => operation.Method == HttpMethods.Put;

    private static (int Status, string? Code) Outcome(Support.Received reply) => (reply.Status, reply.Status < 300 ? null : reply.Code);

    private static async Task<string> Look(RunningApi api) =>
        string.Join('\n', await Task.WhenAll(Kept.Select(async path => Settled((await api.Client.Admin(HttpMethod.Get, $"/admin/{path}")).Expect(200).Data))));

    /// <summary>Without what changes by itself: an endpoint that answers nothing has more waiting for it from second to second.</summary>
    private static string Settled(JsonElement data) =>
        new JsonObject(JsonNode.Parse(data.GetRawText())!.AsObject().Where(static member => !member.Key.StartsWith("waiting", StringComparison.Ordinal)).Select(static member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))).ToJsonString();

    private static async Task<Support.Received> Call(RunningApi api, Operation operation, string named, string id, FilledTenant filled, Chat chat)
    {
        var path = operation.Sheet.Ids.Aggregate(operation.Route, (route, name) => route.Replace($"{{{name}}}", name == named ? id : IdOf(operation, name, filled), StringComparison.Ordinal));
        (string, string)[] headers = operation.TakesKey ? [("Idempotency-Key", $"{operation.Name}-{named}-{id}")] : [];
        var key = operation.Audience.IsPlain ? chat.Key : operation.Audience.OfAgents ? filled.Token : operation.OfTests ? RunningApi.TestAdminKey : RunningApi.AdminKey;
        return await api.Client.Send(new HttpMethod(operation.Method), chat.Path(operation, path), key, operation.IsRead ? null : chat.Body(operation) ?? "{}", headers);
    }
}
