using System.Globalization;
using Agora.X402;

namespace Agora.Simulation.Clients;

/// <summary>Those who pay by x402: a few, so that their payments meet, and some are presented again, by whoever has seen them.</summary>
/// <param name="tenant">No two tenants are shown the same payment: its nonce says whose it is.</param>
/// <param name="silent">Of some payments the facilitator says nothing; these are over soon.</param>
public sealed class Payers(TimeProvider time, int tenant, bool silent)
{
    private const int Count = 3;
    private const int Each = 1_000_000;
    private const int SilentEvery = 4;
    private const int SoonOver = 65;
    private static readonly PaymentTerms Terms = new("eip155:84532", $"0x{new string('a', 40)}", $"0x{new string('b', 40)}", "USDC", "2", 6);
    private readonly List<PresentedPayment> _made = [];

    public PresentedPayment Pay(long micros, Random random)
    {
        var price = Terms.For(micros)!;
        if (random.Next(3) == 0 && _made.FindLast(p => p.Requirements == price) is { } again) return again;

        var seconds = time.GetUtcNow().ToUnixTimeSeconds();
        var payer = string.Create(CultureInfo.InvariantCulture, $"0x{random.Next(Count):x40}");
        var authorization = new PaymentAuthorization(payer, Terms.PayTo, price.Amount, 0, seconds + (silent && _made.Count % SilentEvery == 0 ? SoonOver : price.MaxTimeoutSeconds), $"0x{(tenant * Each) + _made.Count:x64}");
        var payment = new Payment(2, PaymentTerms.Exact, Terms.Network, null, authorization, $"0x{new string('c', 130)}", Identifier(payer, random));
        var presented = new PresentedPayment(payment, price, new("https://agora.example/run", "A run", "application/json"), payment.FingerprintUnder(Terms), "a request");
        _made.Add(presented);
        return presented;
    }

    /// <summary>The number of the tenant that was shown a payment.</summary>
    public static int TenantOf(PaymentIdentity payment) => NumberOf(payment) / Each;

    /// <summary>The facilitator says nothing of it, where it says nothing of some.</summary>
    public static bool IsSilent(PaymentIdentity payment) => NumberOf(payment) % SilentEvery == 0;

    /// <summary>It moves all the same.</summary>
    public static bool MovesSilently(PaymentIdentity payment) => NumberOf(payment) / SilentEvery % 2 == 0;

    private static int NumberOf(PaymentIdentity payment) => int.Parse(payment.Nonce.AsSpan(^8..), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Some payments have one, and some of these another payment's: that is no repeat, and must be refused.</summary>
    private string? Identifier(string payer, Random random) => random.Next(4) switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"payment-{_made.Count}"),
        1 => _made.FindLast(p => p.Payment.Authorization.From == payer && p.Payment.PaymentId is not null)?.Payment.PaymentId,
        _ => null,
    };
}
