using System.Numerics;
using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.X402;
using static Agora.Core.Tests.Payments.PaymentSamples;

namespace Agora.Core.Tests.Payments;

public sealed class PaymentChecksTests
{
    private const string Stranger = "0x1111111111111111111111111111111111111111";

    /// <summary>What is wrong, and the refusal. The rows below another are also right in what the upper one asks.</summary>
    public static TheoryData<string, string, string> Places => new()
    {
        { "accepted.network", "eip155:1", "invalid_network" },
        { "accepted.asset", Stranger, "invalid_payment_requirements" },
        { "accepted.payTo", Stranger, "invalid_exact_evm_payload_recipient_mismatch" },
        { "payload.authorization.to", Stranger, "invalid_exact_evm_payload_recipient_mismatch" },
    };

    public static TheoryData<string, string, string> Values => new()
    {
        { "payload.authorization.value", "9999", "lower" },
        { "payload.authorization.value", "0", "lower" },
        { "payload.authorization.value", "10001", "exactly" },
        { "payload.authorization.value", $"{BigInteger.Pow(2, 256) - 1}", "exactly" },
        { "accepted.amount", "1", "exactly" },
        { "payload.authorization.validAfter", "1740672090", "not valid yet" },
        { "payload.authorization.validAfter", $"{BigInteger.Pow(2, 256) - 1}", "not valid yet" },
        { "payload.authorization.validBefore", "0", "over" },
        { "payload.authorization.validBefore", "1740672089", "over" },
        { "payload.authorization.validBefore", "1740672141", "over" },
        { "payload.authorization.validBefore", "1740758491", "within 24 hours" },
        { "payload.authorization.validBefore", $"{BigInteger.Pow(2, 256) - 1}", "within 24 hours" },
    };

    [Fact]
    public void A_payment_of_the_price_to_the_seller_passes()
    {
        foreach (var payment in (Payment[])[Read(Version2()), Read(Version1(), 1)])
        {
            Assert.Null(PaymentChecks.Place(payment, Terms));
            Assert.Null(PaymentChecks.Value(payment, Requirements, Now));
        }
    }

    [Fact]
    public void Addresses_are_the_same_in_any_case()
    {
        var payment = Read(Version2()
            .With("accepted.asset", Asset.ToLowerInvariant())
            .With("accepted.payTo", PayTo.ToLowerInvariant())
            .With("payload.authorization.to", $"0x{PayTo[2..].ToUpperInvariant()}"));
        Assert.Null(PaymentChecks.Place(payment, Terms));
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void A_payment_that_goes_elsewhere_is_refused_payment_required(string path, string value, string error)
    {
        var rejection = PaymentChecks.Place(Read(Version2().With(path, value)), Terms);
        Assert.Equal((Codes.PaymentRequired, error), (rejection!.Code, Assert.Single(rejection.Facts!).Value));
    }

    [Fact]
    public void A_payment_of_version_1_that_goes_elsewhere_is_refused()
    {
        Assert.NotNull(PaymentChecks.Place(Read(Version1().With("payload.authorization.to", Stranger), 1), Terms));
        Assert.NotNull(PaymentChecks.Place(Read(Version1().With("network", "base"), 1), Terms));
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void A_payment_that_does_not_pay_this_now_is_refused_payment_required(string path, string value, string word)
    {
        var rejection = PaymentChecks.Value(Read(Version2().With(path, value)), Requirements, Now);
        Assert.Equal(Codes.PaymentRequired, rejection!.Code);
        Assert.Contains(word, rejection.Message, StringComparison.Ordinal);
        Assert.Single(rejection.Facts!);
    }

    [Theory]
    [InlineData("payload.authorization.validAfter", "1740672089")]
    [InlineData("payload.authorization.validAfter", "0")]
    [InlineData("payload.authorization.validBefore", "1740672142")]
    [InlineData("payload.authorization.validBefore", "1740758490")]
    public void The_last_second_within_each_bound_passes(string path, string value) =>
        Assert.Null(PaymentChecks.Value(Read(Version2().With(path, value)), Requirements, Now));

    [Fact]
    public void Time_left_is_enough_for_a_run_its_settlement_and_a_block() =>
        Assert.True(Limits.PaymentTimeLeft >= Limits.RunVoidedAfter + Limits.SettleDeadline + TimeSpan.FromSeconds(6) && Limits.PaymentTimeLeft < X402Limits.Timeout);

    [Theory]
    [InlineData(6, 1, "1")]
    [InlineData(6, 50_000, "50000")]
    [InlineData(6, Limits.MaxMicros, "1000000000000000")]
    [InlineData(18, 50_000, "50000000000000000")]
    [InlineData(2, 50_000, "5")]
    [InlineData(0, 3_000_000, "3")]
    public void A_price_is_a_whole_number_of_the_assets_units(int decimals, long micros, string units) =>
        Assert.Equal(units, $"{(Terms with { AssetDecimals = decimals }).For(micros)!.Amount}");

    [Theory]
    [InlineData(6, 0)]
    [InlineData(6, -1)]
    [InlineData(6, Limits.MaxMicros + 1)]
    [InlineData(5, 1)]
    [InlineData(2, 50_001)]
    [InlineData(0, 2_999_999)]
    public void A_price_that_is_none_cannot_be_paid_by_x402(int decimals, long micros) => Assert.Null((Terms with { AssetDecimals = decimals }).For(micros));
}
