using Agora.Application.Catalogue;
using Agora.Application.Operations;
using Agora.Application.Reading;
using Agora.Application.Values;
using Agora.Core.Kernel;
using Agora.Models;
using Agora.Web;

namespace Agora.Api.Admin.Models;

/// <summary>What the calls of a time would have cost at other prices: those of another version, or of another model. What is reckoned is what the provider counted, by the same function that posting goes by.</summary>
internal sealed class RerateEndpoints(CallRows rows, Catalogues catalogues) : IFeature
{
    public static readonly Operation<RerateRequest> Rerate = new(Audience.Operators, "rerate_models", "GET /admin/models/rerate", "What calls of models would have cost at the prices of another version or another model")
    {
        Read = RerateRequest.Read,
        Data = typeof(RerateData),
        Codes = [Codes.NotFound],
        DataExample = """{"from":"2029-12-31T00:00:00.000000Z","to":"2030-01-01T00:00:00.000000Z","models":[{"service_id":"house-model","prices_of":"small-model","version":1,"calls":120,"rated":119,"actual_cents":48.5,"over_cents":0,"rerated_cents":9.5,"unrated":1,"unrated_cents":1.5}],"total":{"service_id":null,"prices_of":"small-model","version":1,"calls":120,"rated":119,"actual_cents":48.5,"over_cents":0,"rerated_cents":9.5,"unrated":1,"unrated_cents":1.5},"counted_from":null}""",
    };

    public void Map(Routes routes) => routes.Map(Rerate, GetRerated);

    private async Task<Reply> GetRerated(OperatorCall call, RerateRequest asked)
    {
        var (span, known) = (CallSpan.Of(asked.Span, call.Now), catalogues.In(call.Tenant));
        if (asked.Named is { } named && Prices(known, named, asked.Version, call.Now) is null)
        {
            return Reply.Refused(asked.Version is { } version ? NoVersion(named, version) : NoModel(named));
        }

        if (asked is { Named: null, Version: { } wanted } && !known.Services.Any(service => service.Definition.Model?.Prices.Any(prices => prices.Version == wanted) == true))
        {
            return Reply.Refused(NoVersion(wanted));
        }

        var sums = new Dictionary<string, Rerated>(StringComparer.Ordinal);
        DateTimeOffset? last = null;
        await foreach (var row in rows.Within(call.Tenant, span, call.Cancel))
        {
            last = row.Time("ended_at");
            var id = row.Text("service_id");
            if (asked.Model is not null && asked.Model != id) continue;

            if (!sums.TryGetValue(id, out var sum))
            {
                var of = asked.PricesOf ?? id;
                sums[id] = sum = new(known.Service(id)?.Definition.Model?.Prices, of, Prices(known, of, asked.Version, call.Now));
            }

            sum.Add(row);
        }

        var total = new Rerated(null, null, null);
        foreach (var (_, sum) in sums) total.Add(sum);

        IReadOnlyList<RerateModelData> models = [.. sums.OrderByDescending(static sum => sum.Value.ActualMicros).ThenBy(static sum => sum.Key, StringComparer.Ordinal).Take(Limits.ListItems).Select(static sum => RerateModelData.Of(sum.Key, sum.Value))];
        var same = asked.Named is { } whose ? Prices(known, whose, asked.Version, call.Now) : null;
        return Reply.Ok(new RerateData(span.From, span.To, models, RerateModelData.Of(null, total) with { PricesOf = asked.Named, Version = asked.Named is null ? asked.Version : same?.Version }, span.IsCut ? last : null));
    }

    /// <param name="version">Null: the one in force.</param>
    private static PriceVersion? Prices(ServiceCatalogue known, string model, int? version, DateTimeOffset now) =>
        known.Service(model)?.Definition.Model?.Prices is not { } prices ? null : version is { } number ? prices.FirstOrDefault(one => one.Version == number) : PriceVersion.At(prices, now);

    private static Rejection NoModel(string model) => new(Codes.NotFound, $"{model} is no model that has a price.");

    private static Rejection NoVersion(int version) => new(Codes.NotFound, $"No model has prices of version {version}.");

    private static Rejection NoVersion(string model, int version) => new(Codes.NotFound, $"{model} is no model that has prices of version {version}.");
}

/// <param name="Model">Only its calls; null: all models'.</param>
/// <param name="PricesOf">Whose prices; null: each model's own.</param>
/// <param name="Version">Null: the one in force.</param>
internal sealed record RerateRequest((DateTimeOffset? From, DateTimeOffset? To) Span, string? Model, string? PricesOf, int? Version)
{
    /// <summary>Whose prices all calls are rated by; null: each model's own.</summary>
    public string? Named => PricesOf ?? Model;

    public static RerateRequest Read(Call call)
    {
        var query = call.Query;
        return new(
            query.Span(), query.Id("model", "Only calls of this model."), query.Id("prices_of", "The model whose prices they are rated by; absent: each model's own."),
            query.Number("version", "The version of the prices; absent: the one in force.", 1, int.MaxValue));
    }
}

/// <summary>Calls of one model, as they were posted and as they would be.</summary>
/// <param name="own">Its prices, by which it is seen whether the tier is known that a call was posted by; null: it is no model any more.</param>
/// <param name="prices">Null: there are none such, so nothing can be rated.</param>
internal sealed class Rerated(IReadOnlyList<PriceVersion>? own, string? pricesOf, PriceVersion? prices)
{
    public string? PricesOf => pricesOf;

    public int? Version => prices?.Version;

    public long Calls { get; private set; }

    public long Rated { get; private set; }

    public long ActualMicros { get; private set; }

    public long OverMicros { get; private set; }

    public long RatedMicros { get; private set; }

    public long Unrated { get; private set; }

    public long UnratedMicros { get; private set; }

    public void Add(NamedRow call)
    {
        Calls++;
        var (cost, over) = (call.Number("cost_micros"), call.Number("over_micros"));
        if (Cost(call, cost + over) is not { } rerated)
        {
            Unrated++;
            UnratedMicros += cost;
            return;
        }

        Rated++;
        ActualMicros += cost;
        OverMicros += over;
        RatedMicros += rerated;
    }

    public void Add(Rerated other)
    {
        Calls += other.Calls;
        Rated += other.Rated;
        ActualMicros += other.ActualMicros;
        OverMicros += other.OverMicros;
        RatedMicros += other.RatedMicros;
        Unrated += other.Unrated;
        UnratedMicros += other.UnratedMicros;
    }

    /// <summary>Null: nobody counted it, so what was held was posted; or it cannot be said by which tier it was posted.</summary>
    private long? Cost(NamedRow call, long posted)
    {
        if (call.Number("is_estimate") != 0) return null;
        if (UsageOf(call) is not { } usage) return posted == 0 ? 0 : null; // nothing was sent, which costs nothing at any price
        if (prices is null || own?.FirstOrDefault(version => version.Version == call.Number("prices")) is not { } was) return null;

        // The tier that the client asked for is not kept where the provider named none: it is the one whose rate gives what was posted.
        var named = call.OptionalText("tier");
        string?[] tiers = named is not null ? [named] : [null, .. was.Rates.Select(static rate => rate.Tier).OfType<string>().Distinct(StringComparer.Ordinal), Rate.Auto];
        return posted == 0 ? prices.Cost(usage, named) : Array.FindIndex(tiers, tier => was.Cost(usage, tier) == posted) is >= 0 and var at ? prices.Cost(usage, tiers[at]) : null;
    }

    private static Usage? UsageOf(NamedRow call) => call.OptionalNumber("input") is not { } input ? null : new(
        input, Tokens(call, "cache_read"), Tokens(call, "cache_write"), Tokens(call, "cache_write_long"), Tokens(call, "input_audio"), Tokens(call, "output"), Tokens(call, "reasoning"), Tokens(call, "output_audio"));

    private static long Tokens(NamedRow call, string column) => call.OptionalNumber(column) ?? 0;
}

/// <param name="CountedFrom">When the oldest call ended that is in the sums; null: all of them are.</param>
internal sealed record RerateData(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<RerateModelData> Models, RerateModelData Total, DateTimeOffset? CountedFrom);

/// <param name="ServiceId">Null: all together.</param>
/// <param name="ActualCents">Of those that could be rated, what was posted.</param>
/// <param name="OverCents">Of those, what the provider counted beyond what was held.</param>
internal sealed record RerateModelData(string? ServiceId, string? PricesOf, int? Version, long Calls, long Rated, Cents ActualCents, Cents OverCents, Cents ReratedCents, long Unrated, Cents UnratedCents)
{
    public static RerateModelData Of(string? serviceId, Rerated sums) =>
        new(serviceId, sums.PricesOf, sums.Version, sums.Calls, sums.Rated, new(sums.ActualMicros), new(sums.OverMicros), new(sums.RatedMicros), sums.Unrated, new(sums.UnratedMicros));
}
