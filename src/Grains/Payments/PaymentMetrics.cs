using System.Diagnostics.Metrics;
using Agora.Core.Payments;

namespace Agora.Grains.Payments;

/// <summary>What facilitators answered, by question and outcome. <c>Contradiction</c> is one that lies; it, and settlements that stay unknown, are an operator's business.</summary>
internal static class PaymentMetrics
{
    private static readonly Meter Meter = new("Agora.Payments");
    private static readonly Counter<long> Answers = Meter.CreateCounter<long>("agora.facilitator.answers", description: "What the x402 facilitator answered, by question and outcome");

    public static VerifyOutcome Count(VerifyOutcome outcome)
    {
        Count("verify", outcome is VerifyOutcome.Unknown unknown ? $"{unknown.Why}" : outcome.GetType().Name);
        return outcome;
    }

    public static SettleOutcome Count(SettleOutcome outcome)
    {
        Count("settle", outcome is SettleOutcome.Unknown unknown ? $"{unknown.Why}" : outcome.GetType().Name);
        return outcome;
    }

    private static void Count(string question, string outcome) =>
        Answers.Add(1, new KeyValuePair<string, object?>("question", question), new KeyValuePair<string, object?>("outcome", outcome));
}
