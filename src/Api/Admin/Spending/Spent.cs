using Agora.Application.Reading;
using Agora.Core.Runs;

namespace Agora.Api.Admin.Spending;

/// <summary>What was spent, by what it was spent on: of one session, or of several together. Each run is in one of the three: a call of a model, a service, a transfer.</summary>
internal sealed class Spent
{
    private readonly Dictionary<string, SpentOn> _models = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SpentOn> _services = new(StringComparer.Ordinal);

    public SpentOn Transfers { get; } = new();

    public IReadOnlyDictionary<string, SpentOn> Models => _models;

    public IReadOnlyDictionary<string, SpentOn> Services => _services;

    public long SpentMicros => OnModels + OnServices + Transfers.SpentMicros;

    public long HeldMicros => _models.Values.Concat(_services.Values).Sum(static line => line.HeldMicros) + Transfers.HeldMicros;

    public long OnModels => _models.Values.Sum(static line => line.SpentMicros);

    public long OnServices => _services.Values.Sum(static line => line.SpentMicros);

    /// <param name="run">Of the runs' table.</param>
    /// <param name="call">Of the calls' table; null: it called no model.</param>
    public void Add(NamedRow run, NamedRow? call, long refundedMicros)
    {
        var (service, amount, failed) = (run.OptionalText("service_id") ?? "", run.Number("amount_micros"), run.OptionalText("failure_code") is not null);
        var line = call is not null ? Line(_models, service) : service.Length == 0 ? Transfers : Line(_services, service);
        line.Count++;
        line.CostMicros += amount;
        line.RefundedMicros += refundedMicros;
        line.Failures += failed || call?.OptionalText("failure_code") is not null ? 1 : 0;
        line.Estimates += call?.Number("is_estimate") ?? 0;
        line.CacheRead += call?.OptionalNumber("cache_read") ?? 0;
    }

    public void Hold(PendingRun run) =>
        (run.IsTransfer ? Transfers : run.Model is not null ? Line(_models, run.ServiceId) : Line(_services, run.ServiceId)).HeldMicros += run.PriceMicros;

    public void Add(Spent other)
    {
        foreach (var (id, line) in other._models) Line(_models, id).Add(line);
        foreach (var (id, line) in other._services) Line(_services, id).Add(line);
        Transfers.Add(other.Transfers);
    }

    private static SpentOn Line(Dictionary<string, SpentOn> lines, string id) => lines.TryGetValue(id, out var line) ? line : lines[id] = new();
}

/// <summary>On one model, on one service, or by transfers.</summary>
internal sealed class SpentOn
{
    /// <summary>Of runs that are over.</summary>
    public long Count { get; set; }

    public long CostMicros { get; set; }

    public long RefundedMicros { get; set; }

    public long HeldMicros { get; set; }

    public long Failures { get; set; }

    public long Estimates { get; set; }

    public long CacheRead { get; set; }

    /// <summary>As budgets count it: what was given back can be spent again.</summary>
    public long SpentMicros => CostMicros - RefundedMicros;

    public void Add(SpentOn other)
    {
        Count += other.Count;
        CostMicros += other.CostMicros;
        RefundedMicros += other.RefundedMicros;
        HeldMicros += other.HeldMicros;
        Failures += other.Failures;
        Estimates += other.Estimates;
        CacheRead += other.CacheRead;
    }
}
