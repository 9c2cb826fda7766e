using System.Text.Json.Nodes;
using Agora.Api.Catalogue;
using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Core.Sessions;

namespace Agora.Api.Flow;

/// <summary>
/// JSON Schemas (2020-12) of the bodies that agents send: in next actions, with the task's or service's own schema inlined, and in the
/// OpenAPI document. They are stricter than nothing but the amounts: JSON Schema cannot forbid an exponent.
/// </summary>
internal static class BodySchemas
{
    private const string Dialect = "https://json-schema.org/draft/2020-12/schema";

    public static JsonObject Auth => Closed(["agent_id", "user_id"], new()
    {
        ["agent_id"] = Id("The agent that acts: the one whose key this is."),
        ["user_id"] = Id("The user it acts for."),
        ["scopes"] = Closed([], new()
        {
            ["allowed_task_types"] = Words("Task types; absent: all of the grant."),
            ["allowed_data_types"] = Words("Data types; absent: all of the grant."),
            ["allowed_categories"] = Words("Categories of services; absent: all of the grant."),
            ["allowed_consents"] = Words("Consents that may be given; absent: all of the grant, and without one data_sharing for the allowed data types."),
            ["allowed_payees"] = Words("Wallets that may be paid; absent: all of the grant."),
            ["budget_limit_cents"] = Cents("The most that this session's runs may cost; absent: the grant's. Required where the user has no grant."),
        }),
        ["expires_in_seconds"] = Integer(1, (int)Limits.SessionMaxAge.TotalSeconds, (int)Limits.SessionMaxAge.TotalSeconds),
        ["end_oldest"] = new JsonObject { ["type"] = "boolean", ["default"] = false, ["description"] = "Where the agent has as many live sessions for the user as it may: its oldest ends for this one, with all below it." },
    });

    /// <summary>For an agent that has as many live sessions as it may.</summary>
    public static JsonObject AuthReplacing
    {
        get
        {
            var auth = Auth;
            auth["required"]!.AsArray().Add("end_oldest");
            auth["properties"]!["end_oldest"] = new JsonObject { ["const"] = true };
            return auth;
        }
    }

    /// <summary>For a user without a grant: scopes must be asked for, and nothing that is not asked for is allowed.</summary>
    public static JsonObject AuthAsking
    {
        get
        {
            var auth = Auth;
            auth["required"]!.AsArray().Add("scopes");
            var scopes = auth["properties"]!["scopes"]!;
            scopes["required"] = new JsonArray([.. scopes["properties"]!.AsObject().Select(p => (JsonNode)p.Key)]);
            foreach (var (name, schema) in scopes["properties"]!.AsObject())
            {
                schema!["default"] = name == "budget_limit_cents" ? 100 : new JsonArray("*");
            }

            return auth;
        }
    }

    public static JsonObject Delegate => Closed(["agent_id"], new()
    {
        ["agent_id"] = Id("The agent that is to act; none that stands on the path from the root to this session."),
        ["scopes"] = Closed([], new()
        {
            ["allowed_task_types"] = Words("Task types; absent: this session's."),
            ["allowed_data_types"] = Words("Data types; absent: this session's."),
            ["allowed_categories"] = Words("Categories of services; absent: this session's."),
            ["allowed_consents"] = Words("Consents that may be given; absent: this session's."),
            ["allowed_payees"] = Words("Wallets that may be paid; absent: this session's."),
            ["budget_limit_cents"] = Cents("The most that the sub-session's runs, and those below it, may cost; absent: this session's. Nothing is reserved."),
        }),
        ["expires_in_seconds"] = new JsonObject { ["type"] = "integer", ["minimum"] = 1, ["maximum"] = (int)Limits.SessionMaxAge.TotalSeconds, ["description"] = "Absent: when this session does." },
    });

    /// <summary>What this very session can delegate now.</summary>
    public static RawJson Of(FlowState flow)
    {
        var (session, schema) = (flow.Session, Delegate);
        var members = schema["properties"]!;
        var scopes = members["scopes"]!["properties"]!;
        members["agent_id"]!["not"] = new JsonObject { ["enum"] = new JsonArray([.. (session.Path ?? []).Select(node => node.AgentId).Append(session.AgentId).Select(id => JsonValue.Create(id))]) };
        members["expires_in_seconds"]!["maximum"] = flow.SecondsLeft;
        scopes["budget_limit_cents"]!["maximum"] = (decimal)session.Budget.LimitMicros / Money.MicrosPerCent;
        Narrow("allowed_task_types", session.Scopes.TaskTypes);
        Narrow("allowed_data_types", session.Scopes.DataTypes);
        Narrow("allowed_categories", session.Scopes.Categories);
        Narrow("allowed_consents", session.Scopes.Consents);
        Narrow("allowed_payees", session.Scopes.Payees ?? []);
        return Document(schema);

        void Narrow(string name, IReadOnlyList<string> allowed)
        {
            if (allowed.Count == 0)
            {
                scopes[name]!["maxItems"] = 0;
            }
            else if (!ScopeRules.IsAll(allowed))
            {
                scopes[name]!["items"] = new JsonObject { ["enum"] = new JsonArray([.. allowed.Select(value => JsonValue.Create(value))]) };
            }
        }
    }

    public static JsonObject Complete(JsonNode output, JsonNode consents) => Closed(["output", "consents"], new() { ["output"] = output, ["consents"] = consents });

    public static readonly IReadOnlyList<string> PayWith = ["sponsor", "wallet", "x402"];

    public static JsonObject OneOf(IEnumerable<string> values, string description) =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]), ["description"] = description };

    public static JsonObject Run(JsonNode input)
    {
        var schema = Closed(["input"], new()
        {
            ["input"] = input,
            ["campaign_id"] = Id("The campaign that must pay; absent: the first that can."),
            ["max_price_cents"] = Cents("Refuse the run when it costs more. Where it is given and no sponsor pays, the agent's wallet does."),
            ["pay_with"] = OneOf(PayWith, "Who pays; absent: sponsors first, then the agent's wallet, then x402."),
        });

        // Whoever pays itself says how much it may be, and names no campaign.
        schema["if"] = new JsonObject { ["properties"] = new JsonObject { ["pay_with"] = new JsonObject { ["not"] = new JsonObject { ["const"] = "sponsor" } } }, ["required"] = new JsonArray("pay_with") };
        schema["then"] = new JsonObject { ["properties"] = new JsonObject { ["campaign_id"] = false }, ["required"] = new JsonArray("max_price_cents") };
        return schema;
    }

    /// <summary>Any consent, for the document.</summary>
    public static JsonObject AnyConsents => List(Closed(["type", "granted"], new() { ["type"] = Text(Limits.NameLength), ["granted"] = new JsonObject { ["type"] = "boolean" } }));

    public static RawJson Of(CampaignEntry campaign) => Document(Complete(
        Inlined(campaign.Definition.Task.Schema, $"urn:agora:task:{campaign.CampaignId}"),
        Granted(campaign.Definition.Task.Consents)));

    public static RawJson Of(ServiceEntry service) => Document(Run(
        service.Definition.InputSchema is { } schema ? Inlined(schema, $"urn:agora:service-input:{service.ServiceId}") : new JsonObject()));

    public static RawJson Document(JsonObject schema)
    {
        schema.Insert(0, "$schema", Dialect);
        return RawJson.Of(schema.ToJsonString(ApiJson.Options))!;
    }

    /// <summary>Exactly these members, no other.</summary>
    public static JsonObject Closed(IEnumerable<string> required, JsonObject properties)
    {
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        JsonArray names = [.. required.Select(name => JsonValue.Create(name))];
        if (names.Count > 0)
        {
            schema["required"] = names;
        }

        return schema;
    }

    public static JsonObject Id(string description) => new() { ["type"] = "string", ["pattern"] = DisplayText.IdPattern, ["description"] = description };

    public static JsonObject WalletId(string description) => new() { ["type"] = "string", ["pattern"] = DisplayText.WalletIdPattern, ["description"] = description };

    public static JsonObject Text(int maxLength, int minLength = 1) => new() { ["type"] = "string", ["minLength"] = minLength, ["maxLength"] = maxLength };

    public static JsonObject Words(string description) => new()
    {
        ["type"] = "array",
        ["items"] = Text(Limits.NameLength),
        ["maxItems"] = Limits.ListItems,
        ["uniqueItems"] = true,
        ["description"] = description,
    };

    public static JsonObject List(JsonObject items, int maxItems = Limits.ListItems) => new() { ["type"] = "array", ["items"] = items, ["maxItems"] = maxItems };

    public static JsonObject Cents(string description) => new()
    {
        ["type"] = "number",
        ["minimum"] = 0,
        ["maximum"] = Limits.MaxMicros / Money.MicrosPerCent,
        ["multipleOf"] = 0.0001m,
        ["description"] = description,
    };

    public static JsonObject Integer(int min, int max, int absent) => new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max, ["default"] = absent };

    public static JsonObject Time(string description) => new() { ["type"] = "string", ["format"] = "date-time", ["description"] = description };

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

    /// <summary>Each consent that the task asks for, in order, granted: what was not granted cannot complete it.</summary>
    private static JsonObject Granted(IReadOnlyList<string> consents)
    {
        var schema = new JsonObject { ["type"] = "array", ["minItems"] = consents.Count, ["maxItems"] = consents.Count };
        if (consents.Count > 0)
        {
            schema["prefixItems"] = new JsonArray([.. consents.Select(type => Closed(["type", "granted"], new()
            {
                ["type"] = new JsonObject { ["const"] = type },
                ["granted"] = new JsonObject { ["const"] = true },
            }))]);
        }

        return schema;
    }
}
