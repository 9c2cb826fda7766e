using System.Globalization;
using System.Text.Json.Nodes;

namespace Agora.Provider.Http;

/// <summary>A service, as an operator puts it.</summary>
/// <param name="Id">It is served at this path.</param>
/// <param name="Category">What scopes allow.</param>
/// <param name="Provider">The wallet that earns.</param>
public sealed record AgoraService(string Id, string Category, string Provider)
{
    public string? Name { get; init; }

    /// <summary>What it does, as agents see it.</summary>
    public string Description { get; init; } = "";

    /// <summary>Who is behind the provider.</summary>
    public string? Owner { get; init; }

    /// <summary>Of each run. Either this or <see cref="MaxPriceCents"/>, which means that the service is metered.</summary>
    public decimal? PriceCents { get; init; }

    public decimal? MaxPriceCents { get; init; }

    public int TimeoutMs { get; init; } = 10_000;

    /// <summary>What is done when a run is taken back.</summary>
    public Func<string, Task>? Cancelled { get; init; }
}

/// <summary>What is known of a run.</summary>
/// <param name="MaxCostCents">Of a metered service: the most that it may cost.</param>
public sealed record AgoraCall(string RunId, decimal? MaxCostCents);

/// <summary>What a metered service answers.</summary>
/// <param name="CostCents">With at most four decimals.</param>
public sealed record Metered<T>(T Output, decimal CostCents) : IMetered
{
    object? IMetered.Output => Output;
}

internal interface IMetered
{
    object? Output { get; }

    decimal CostCents { get; }
}

/// <summary>The input is wrong in a way that no schema says. The run fails and costs nothing; it does not count against the service.</summary>
public sealed class RefusedException(string message, string code = "refused") : Exception(message)
{
    public string Code => code;
}

/// <summary>Not now: Agora calls again, with the same run id.</summary>
public sealed class TryAgainException(string message = "Try again.") : Exception(message);

/// <summary>A service with its schemas, that is mapped or offered by an agent.</summary>
public sealed class MappedService
{
    internal MappedService(AgoraService service, JsonNode input, JsonNode output, Func<ReadOnlyMemory<byte>, AgoraCall, Task<JsonNode?>> answer)
    {
        if (service.PriceCents is null == service.MaxPriceCents is null)
        {
            throw new ArgumentException("A service has either PriceCents or MaxPriceCents, which means that it is metered.", nameof(service));
        }

        (Service, InputSchema, OutputSchema, Answer) = (service, input, output, answer);
    }

    /// <summary>The whole output to an input.</summary>
    /// <exception cref="RefusedException">The input is not valid.</exception>
    internal Func<ReadOnlyMemory<byte>, AgoraCall, Task<JsonNode?>> Answer { get; }

    public AgoraService Service { get; }

    public JsonNode InputSchema { get; }

    /// <summary>Of a stream: an array of its items.</summary>
    public JsonNode OutputSchema { get; }

    /// <summary>The body of <c>PUT /admin/services/{service_id}</c>.</summary>
    /// <param name="url">Where this process is reached; <c>agent:ID</c> or <c>skill:ID</c>, where an agent offers it.</param>
    public JsonObject Definition(Uri url)
    {
        var body = new JsonObject
        {
            ["name"] = Service.Name ?? Service.Id, ["description"] = Service.Description, ["category"] = Service.Category, ["provider"] = Service.Provider,
            ["timeout_ms"] = Service.TimeoutMs, ["endpoint"] = Endpoint(url, Service.Id), ["input_schema"] = InputSchema.DeepClone(), ["output_schema"] = OutputSchema.DeepClone(),
        };
        body[Service.PriceCents is null ? "max_price_cents" : "price_cents"] = Service.PriceCents ?? Service.MaxPriceCents;
        if (Service.Owner is not null)
        {
            body["owner"] = Service.Owner;
        }

        return body;
    }

    internal static string Endpoint(Uri url, string id) => url.Scheme is "agent" or "skill" ? url.OriginalString : string.Create(CultureInfo.InvariantCulture, $"{url.ToString().TrimEnd('/')}/{id}");
}
