using System.Collections.Immutable;

namespace Agora.Core.Users;

/// <summary>Caps that are higher for a while. Nothing happens when that is over: what is in force follows from the time of whoever asks.</summary>
public sealed partial record UserState
{
    /// <summary>The last one that was put, in force or over; null: none.</summary>
    public CapRaise? Raise { get; init; }

    /// <summary>By agent.</summary>
    public ImmutableSortedDictionary<string, GrantRaise> GrantRaises { get; init; } = Ordinal<GrantRaise>();

    /// <summary>Null: none is in force.</summary>
    public CapRaise? RaiseAt(DateTimeOffset at) => Raise?.Until > at ? Raise : null;

    /// <inheritdoc cref="RaiseAt(DateTimeOffset)"/>
    public GrantRaise? RaiseAt(string agentId, DateTimeOffset at) => GrantRaises.TryGetValue(agentId, out var raise) && raise.Until > at ? raise : null;

    public long? DailyCapAt(DateTimeOffset at) => RaiseAt(at)?.DailyCapMicros ?? DailyCapMicros;

    public long? MonthlyCapAt(DateTimeOffset at) => RaiseAt(at)?.MonthlyCapMicros ?? MonthlyCapMicros;

    public long? TotalLimitAt(string agentId, DateTimeOffset at) => RaiseAt(agentId, at)?.TotalLimitMicros ?? Grants.GetValueOrDefault(agentId)?.TotalLimitMicros;

    /// <summary>What is left of the raise where these are the user's caps: one that is changed is raised no more.</summary>
    public CapRaise? RaiseOver(long? dailyCapMicros, long? monthlyCapMicros, DateTimeOffset at) => RaiseAt(at) is not { } raise ? null
        : raise with
        {
            DailyCapMicros = dailyCapMicros == DailyCapMicros ? raise.DailyCapMicros : null,
            MonthlyCapMicros = monthlyCapMicros == MonthlyCapMicros ? raise.MonthlyCapMicros : null,
        } is { } left and not { DailyCapMicros: null, MonthlyCapMicros: null } ? left : null;

    public GrantRaise? RaiseOver(string agentId, Grant grant, DateTimeOffset at) =>
        Grants.GetValueOrDefault(agentId)?.TotalLimitMicros == grant.TotalLimitMicros ? RaiseAt(agentId, at) : null;

    private static ImmutableSortedDictionary<string, GrantRaise> With(ImmutableSortedDictionary<string, GrantRaise> raises, string agentId, GrantRaise? raise) =>
        raise is null ? raises.Remove(agentId) : raises.SetItem(agentId, raise);
}
