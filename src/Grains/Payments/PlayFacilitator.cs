using System.Security.Cryptography;
using System.Text;
using Agora.Core.Payments;

namespace Agora.Grains.Payments;

/// <summary>In the facilitator's place in tenants for tests: it takes every payment that our own checks let through, and moves nothing. Nothing leaves this process.</summary>
public static class PlayFacilitator
{
    public static VerifyOutcome Verify(FacilitatorCall call) => new VerifyOutcome.Valid(call.Payment.Authorization.From);

    /// <summary>The same payment again has the same transaction, which is none.</summary>
    public static SettleOutcome Settle(FacilitatorCall call) =>
        new SettleOutcome.Settled($"0x{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"agora/play-money\n{call.Identity}")))}");
}
