using System.Text;
using Agora.Core.Payments;
using Agora.Grains.Payments;
using Agora.Simulation.Checks;
using Agora.Simulation.Clients;
using Agora.X402;

namespace Agora.Simulation.Cluster;

/// <summary>
/// The facilitator outside, as one process sees it, before the one contract that all of them share: it accepts a payer's nonce once. In bad
/// weather it loses its answer before or after it has moved the money, says something else than what is so, refuses what it found valid, is late, or is
/// not reached. What it answers is read by the product's own rules.
/// </summary>
public sealed class FakeFacilitator(SimCluster cluster, TimeProvider clock) : IFacilitator
{
    private const string Lost = "lost";
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(19);

    public async Task<VerifyOutcome> Verify(FacilitatorCall call)
    {
        await Pause(Usual);
        return Trouble(6) switch
        {
            0 => new VerifyOutcome.Unknown(FacilitatorDoubt.NoAnswer),
            1 => new VerifyOutcome.Invalid("invalid_exact_evm_insufficient_balance"),
            2 => new VerifyOutcome.Unknown(FacilitatorDoubt.NotAsked),
            3 => await Slowly(new VerifyOutcome.Valid(call.Payment.Authorization.From)),
            _ => PaymentsOf(call.Identity).HasMoved(call.Identity) ? new VerifyOutcome.Invalid(FacilitatorAnswers.NonceAlreadyUsed) : new VerifyOutcome.Valid(call.Payment.Authorization.From),
        };
    }

    public async Task<SettleOutcome> Settle(FacilitatorCall call, bool attemptedBefore)
    {
        cluster.History.CatchUp();
        PaymentsOf(call.Identity).Asked(call.Identity);
        await Pause(Usual);
        if (cluster.Options.SettlesByHand && !cluster.Closing && Payers.IsSilent(call.Identity)) return Silent(call);

        var answer = Trouble(8) switch
        {
            0 => Lost,
            1 => ActsUnheard(call),
            2 => Says(false, "invalid_exact_evm_insufficient_balance"),
            3 => Acts(call).Replace("\"payer\":\"0x", "\"payer\":\"0xf", StringComparison.Ordinal),
            4 => await Slowly(Acts(call)),
            5 => null,
            6 => Acts(call) + Acts(call),
            _ => Acts(call),
        };
        cluster.Tell($"settle {call.Identity.Nonce} {answer}");
        return answer switch
        {
            null => new SettleOutcome.Unknown(FacilitatorDoubt.NotAsked),
            Lost => new SettleOutcome.Unknown(FacilitatorDoubt.NoAnswer),
            _ => FacilitatorAnswers.Settle(true, Encoding.UTF8.GetBytes(answer), call.Payment, attemptedBefore),
        };
    }

    private SettleOutcome.Unknown Silent(FacilitatorCall call)
    {
        if (Payers.MovesSilently(call.Identity))
        {
            Acts(call);
        }

        return new(FacilitatorDoubt.NoAnswer);
    }

    public Task<bool?> Supports(string network, int version) => Task.FromResult<bool?>(true);

    private IncomingPayments PaymentsOf(PaymentIdentity payment) => cluster.Tenants[Payers.TenantOf(payment)].Payments;

    private string Acts(FacilitatorCall call) => IsOver(call)
        ? Says(false, "invalid_exact_evm_payload_authorization_valid_before")
        : PaymentsOf(call.Identity).Move(call.Identity, (long)call.Payment.Authorization.Value)
        ? $$"""{"success":true,"transaction":"0x{{new string('a', 64)}}","network":"{{call.Payment.Network}}","payer":"{{call.Payment.Authorization.From}}"}"""
        : Says(false, FacilitatorAnswers.NonceAlreadyUsed);

    // Where operators look at the chain, it also moves nothing whose authorization is over.
    private bool IsOver(FacilitatorCall call) => cluster.Options.SettlesByHand && !PaymentsOf(call.Identity).HasMoved(call.Identity)
        && cluster.Time.GetUtcNow().ToUnixTimeSeconds() >= (long)call.Payment.Authorization.ValidBefore;

    private string ActsUnheard(FacilitatorCall call)
    {
        Acts(call);
        return Lost;
    }

    private static string Says(bool success, string reason) => $$"""{"success":{{(success ? "true" : "false")}},"errorReason":"{{reason}}","transaction":"","network":"eip155:84532"}""";

    private int Trouble(int kinds) => cluster.Random.NextDouble() < cluster.ServiceTrouble ? cluster.Random.Next(kinds) : -1;

    private Task Pause(TimeSpan upTo) => Task.Delay(upTo * cluster.Random.NextDouble(), clock);

    private async Task<T> Slowly<T>(T answer)
    {
        await Pause(Late);
        return answer;
    }
}
