using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Api.Admin.Services;

/// <summary>A service as it shall be: whole; only the secret, which is write-only, is kept where it is left out.</summary>
internal sealed record ServiceRequest(string ServiceId, ServiceDefinition Definition, string? Secret)
{
    private const int SecretLength = 4_096;
    private const string HeaderPattern = "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$";
    private const string SecretPattern = "^[!-~]([ -~]*[!-~])?$";

    public static ServiceRequest Read(Call call)
    {
        var (body, id) = (call.Body, call.Id("service_id"));
        var name = body.Text("name", "As agents see it.", Limits.NameLength) ?? "";
        var description = body.Text("description", "What it does, as agents see it.", Limits.DescriptionLength, blank: true) ?? "";
        var category = body.Text("category", "What scopes allow.", Limits.NameLength) ?? "";
        var (price, metered) = Price(body, call.Findings);
        var endpoint = EndpointText.Read(call, "endpoint", "Where it is called; agent:ID: the agent of that id is asked, in a conversation; skill:ID: one agent that is online and offers that skill; model:NAME: a model of that provider, of which model says more.", orAgent: true);
        var provider = Provider(body);
        var owner = body.Id("owner", "Who is behind the provider.", required: false);
        var input = SchemaText.Read(body, "input_schema", "JSON Schema 2020-12 of what it is given; null: anything.", required: false, call.Findings);
        var output = SchemaText.Read(body, "output_schema", "JSON Schema 2020-12 of what it answers; null: anything.", required: false, call.Findings);
        var (header, secret) = Auth(body, "endpoint stays");
        var timeoutMs = body.Integer("timeout_ms", "How long a call may take.", 1, Limits.ServiceTimeoutMs, absent: Limits.ServiceTimeoutMsDefault) ?? Limits.ServiceTimeoutMsDefault;
        var cached = body.Integer("cache_seconds", "An output answers equal requests of the same agent of the same user that ask for it (Cache-Control: max-age) for so long at most; 0: none does. Not of an agent, a skill or a model.", 0, Limits.CacheSeconds, absent: 0) ?? 0;
        var hit = body.Integer("cache_hit_basis_points", "What such a run costs: so many ten thousandths of what the first one cost, rounded up to a millionth of a dollar.", 0, RouteRule.Whole, absent: 0) ?? 0;
        if (ServiceDefinition.NamesAsked(endpoint))
        {
            OfAgent(body, header, metered);
        }

        var (model, routes) = (ModelRequestFields.Read(call), ModelRequestFields.Routes(call));
        var active = body.Flag("active", "Whether agents can find and run it.", absent: true) ?? true;
        var definition = new ServiceDefinition(name, description, category, price, endpoint, provider, owner, input, output, header, timeoutMs, active, metered) { Model = model, Routes = routes, CacheSeconds = cached, CacheHitBasisPoints = hit };
        if ((cached, hit) != (0, 0) && !definition.MayBeCached)
        {
            body.Violate(cached != 0 ? "cache_seconds" : "cache_hit_basis_points", "not", ServiceRejection.NoCache);
        }

        return new(id, definition, secret);
    }

    /// <param name="kept">Until when a secret that is there is kept.</param>
    public static (string? Header, string? Secret) Auth(Fields body, string kept)
    {
        var auth = body.Object("auth", "How a call proves that it is ours.", required: false);
        var header = auth?.Formatted("header", "Its name.", 100, IsHeaderName, "The name of an HTTP header is wanted here that is not one of those that the call sets itself.", pattern: HeaderPattern);
        var secret = auth?.Secret("secret", $"Its value; absent: as it was, while {kept}. Nobody reads it back.", SecretLength, IsHeaderValue, "1 to 4096 visible ASCII characters and inner spaces are wanted here.", SecretPattern);
        auth?.Finish();
        return (header, secret);
    }

    private static (long Micros, bool Metered) Price(Fields body, Findings findings)
    {
        var price = body.Cents("price_cents", "Price of one run. Either this or max_price_cents.", required: false);
        var most = body.Cents("max_price_cents", "The service is metered: each run costs what it says in Agora-Cost-Cents, at most this.", required: false);
        body.Rule(static schema => schema["oneOf"] = JsonNode.Parse("""[{"required":["price_cents"]},{"required":["max_price_cents"]}]"""));
        if (body.IsPresent("price_cents") == body.IsPresent("max_price_cents"))
        {
            findings.Violate("", "oneOf", "Either price_cents (fixed) or max_price_cents (metered) is wanted.");
        }

        return (price ?? most ?? 0, body.IsPresent("max_price_cents"));
    }

    private static void OfAgent(Fields body, string? header, bool metered)
    {
        if (header is not null)
        {
            body.Violate("auth", "not", "An agent is asked in a conversation, where no header is sent.");
        }

        if (metered)
        {
            body.Violate("max_price_cents", "not", "What an agent is asked for has a fixed price: a message says no cost.");
        }
    }

    /// <summary>Money that is paid to the world would have left without being withdrawn.</summary>
    public static string Provider(Fields body)
    {
        var provider = body.WalletId("provider", "The wallet that earns.") ?? "";
        if (provider == WalletIds.World)
        {
            body.Violate("provider", "not", "The world is no wallet.");
        }

        return provider;
    }

    /// <summary>A token of RFC 9110 §5.6.2. Headers of the connection and of the run would change what is called, and as whom.</summary>
    private static bool IsHeaderName(string name) =>
        name.Length > 0
        && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))
        && !Reserved.Contains(name) && !name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase);

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Cookie", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Expect", "Keep-Alive",
        "Proxy-Authorization", "Proxy-Connection", "Idempotency-Key", "Signature", "Signature-Input", "traceparent", "tracestate", "Agora-Max-Cost-Cents", "Agora-Try",
    };

    private static bool IsHeaderValue(string value) => value.Length > 0 && !value.AsSpan().ContainsAnyExceptInRange(' ', '~') && value == value.Trim();
}

/// <summary>A schema in a body: object or boolean, bounded, and compiled before it is kept.</summary>
internal static class SchemaText
{
    public static string? Read(Fields body, string name, string meaning, bool required, Findings findings)
    {
        if (body.Any(name, meaning, required, required ? Required : Optional) is not { } schema || (!required && schema.ValueKind == JsonValueKind.Null))
        {
            return null;
        }

        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            findings.Violate(body.At(name), "type", "A JSON Schema is an object or a boolean.");
            return null;
        }

        findings.Violate(SchemaCache.Check(schema, body.At(name)));
        return schema.GetRawText();
    }

    private static JsonObject Required() => new() { ["type"] = new JsonArray("object", "boolean") };

    private static JsonObject Optional() => new() { ["type"] = new JsonArray("object", "boolean", "null") };
}
