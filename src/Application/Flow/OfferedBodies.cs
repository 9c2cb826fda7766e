using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Application.Flow;

/// <summary>Bodies as next actions ask for them: what the operation declares, narrowed to what would now succeed, with the task's or service's own schema inlined.</summary>
internal sealed class OfferedBodies(OperationTable operations)
{
    /// <summary>Whoever says nothing of it has all that there is.</summary>
    private const string ModelLimits = "model_limits";
    private const string AskWhenSpent = "ask_when_spent";

    // Anyone may ask for these without a credential, so each is built once.
    private static readonly ConditionalWeakTable<OperationTable, RawJson> Askings = [];
    private static readonly ConditionalWeakTable<OperationTable, RawJson> Replacings = [];
    private static readonly ConditionalWeakTable<OperationTable, RawJson> AskedScopes = [];

    private readonly ConditionalWeakTable<CampaignEntry, PublishedSchema> _ofCampaigns = [];
    private readonly ConditionalWeakTable<ServiceEntry, PublishedSchema> _ofServices = [];

    /// <summary>All that can be asked for, with a budget that is small.</summary>
    public static RawJson AskingScopes(OperationTable operations) =>
        AskedScopes.GetValue(operations, static all => RawJson.Of(new JsonObject { ["scopes"] = Scopes(all) }.ToJsonString(ApiJson.Options))!);

    /// <summary>What this very session can delegate now.</summary>
    public static RawJson Of(FlowState flow, OperationTable operations)
    {
        var (session, schema) = (flow.Session, operations.BodyOf(OperationNames.Delegate));
        var members = schema["properties"]!;
        var scopes = members["scopes"]!["properties"]!;
        members["agent_id"]!["not"] = new JsonObject { ["enum"] = Schemas.Strings((session.Path ?? []).Select(node => node.AgentId).Append(session.AgentId)) };
        members["expires_in_seconds"]!["maximum"] = flow.SecondsLeft;
        scopes["budget_limit_cents"]!["maximum"] = (decimal)session.Budget.LimitMicros / Money.MicrosPerCent;
        Narrow("allowed_task_types", session.Scopes.TaskTypes);
        Narrow("allowed_data_types", session.Scopes.DataTypes);
        Narrow("allowed_categories", session.Scopes.Categories);
        Narrow("allowed_consents", session.Scopes.Consents);
        Narrow("allowed_payees", session.Scopes.Payees ?? []);
        Narrow("allowed_peers", session.Scopes.Peers ?? []);
        Most("tokens", session.Scopes.Models?.Tokens);
        Most("calls", session.Scopes.Models?.Calls);
        Most("tokens_per_minute", session.Scopes.Models?.TokensPerMinute);
        Most("calls_per_minute", session.Scopes.Models?.CallsPerMinute);
        return Schemas.Document(schema);

        void Most(string name, long? most)
        {
            if (most is { } some)
            {
                scopes[ModelLimits]!["properties"]![name]!["maximum"] = some;
            }
        }

        void Narrow(string name, IReadOnlyList<string> allowed)
        {
            if (allowed.Count == 0)
            {
                scopes[name]!["maxItems"] = 0;
            }
            else if (!ScopeRules.IsAll(allowed))
            {
                scopes[name]!["items"] = new JsonObject { ["enum"] = Schemas.Strings(allowed) };
            }
        }
    }

    public PublishedSchema Of(CampaignEntry campaign) => _ofCampaigns.GetValue(campaign, Built);

    public PublishedSchema Of(ServiceEntry service) => _ofServices.GetValue(service, Built);

    private PublishedSchema Built(CampaignEntry campaign)
    {
        var schema = operations.BodyOf(OperationNames.CompleteTask);
        schema["properties"]!["output"] = Inlined(campaign.Definition.Task.Schema, $"urn:agora:task:{campaign.CampaignId}");
        schema["properties"]!["consents"] = Asked(campaign.Definition.Task.Consents);
        return PublishedSchema.Of(operations.Named(OperationNames.CompleteTask)!, campaign.CampaignId, schema, holdsForeign: true);
    }

    private PublishedSchema Built(ServiceEntry service)
    {
        var schema = operations.BodyOf(OperationNames.RunService);
        if (service.Definition.InputSchema is { } input)
        {
            schema["properties"]!["input"] = Inlined(input, $"urn:agora:service-input:{service.ServiceId}");
        }

        return PublishedSchema.Of(operations.Named(OperationNames.RunService)!, service.ServiceId, schema, holdsForeign: service.Definition.InputSchema is not null);
    }

    /// <summary>For an agent that has as many live sessions as it may.</summary>
    public static RawJson AuthReplacing(OperationTable operations) => Replacings.GetValue(operations, Replacing);

    private static RawJson Replacing(OperationTable operations)
    {
        var auth = operations.BodyOf(OperationNames.Authenticate);
        auth["required"]!.AsArray().Add("end_oldest");
        auth["properties"]!["end_oldest"] = new JsonObject { ["const"] = true };
        return Schemas.Document(auth);
    }

    /// <summary>For a user without a grant: scopes must be asked for, and nothing that is not asked for is allowed.</summary>
    public static RawJson AuthAsking(OperationTable operations) => Askings.GetValue(operations, Asking);

    private static RawJson Asking(OperationTable operations)
    {
        var auth = operations.BodyOf(OperationNames.Authenticate);
        auth["required"]!.AsArray().Add("scopes");
        var scopes = auth["properties"]!["scopes"]!;
        scopes["required"] = Schemas.Strings(scopes["properties"]!.AsObject().Select(p => p.Key).Where(name => name != AskWhenSpent));
        foreach (var (name, value) in Scopes(operations))
        {
            scopes["properties"]![name]!["default"] = value!.DeepClone();
        }

        return Schemas.Document(auth);
    }

    private static JsonObject Scopes(OperationTable operations) => new(operations.BodyOf(OperationNames.Authenticate)["properties"]!["scopes"]!["properties"]!.AsObject()
        .Where(p => p.Key is not (ModelLimits or AskWhenSpent)).Select(p => KeyValuePair.Create(p.Key, p.Key == "budget_limit_cents" ? (JsonNode?)100 : new JsonArray("*"))));

    /// <summary>With an <c>$id</c> of its own, so that its local references resolve within itself and not within the body's schema.</summary>
    private static JsonNode Inlined(string schema, string id)
    {
        var node = JsonNode.Parse(schema)!;
        if (node is JsonObject named && !named.ContainsKey("$id"))
        {
            named.Insert(0, "$id", id);
        }

        return node;
    }

    /// <summary>Each consent that the task asks for, in order, with what it means. Whether it is granted is the user's to say, so nothing here says it.</summary>
    private static JsonObject Asked(IReadOnlyList<string> consents)
    {
        var schema = new JsonObject { ["type"] = "array", ["minItems"] = consents.Count, ["maxItems"] = consents.Count };
        if (consents.Count > 0)
        {
            schema["prefixItems"] = new JsonArray([.. consents.Select(type => Schemas.Closed(["type", "granted"], new()
            {
                ["type"] = Schemas.Meaning(new() { ["const"] = type }, ConsentMeanings.Of(type)),
                ["granted"] = Schemas.Meaning(Schemas.Flag(absent: null), ConsentMeanings.Granted),
            }))]);
        }

        return schema;
    }
}
