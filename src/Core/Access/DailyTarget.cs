namespace Agora.Core.Access;

/// <summary>What whoever operates an installation wants of a day.</summary>
/// <param name="Measure">One of <see cref="Measures"/>.</param>
/// <param name="Least">So much of it, or more.</param>
public sealed record DailyTarget(string Measure, long Least)
{
    public const string Payments = "payments", AmountCents = "amount_cents", ActiveAgents = "active_agents", ActiveProviders = "active_providers", Completions = "completions", ReturningPercent = "returning_percent",
        Messages = "messages", DeliveredPercent = "delivered_percent", Agents = "agents", Developers = "developers";

    /// <summary>By their names in settings and replies.</summary>
    public static IReadOnlyList<string> Measures { get; } = [Payments, AmountCents, ActiveAgents, ActiveProviders, Completions, ReturningPercent, Messages, DeliveredPercent, Agents, Developers];

    /// <summary>Whether the measure counts what exists now, not what a day had.</summary>
    public static bool IsOfNow(string measure) => measure is Agents or Developers;
}
