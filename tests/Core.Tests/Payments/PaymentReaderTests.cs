using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.X402;
using FsCheck;
using FsCheck.Fluent;
using static Agora.Core.Tests.Payments.PaymentSamples;

namespace Agora.Core.Tests.Payments;

public sealed class PaymentReaderTests
{
    /// <summary>Member, JSON that stands in its place, and a word of the refusal.</summary>
    public static TheoryData<string, string, string> Spoiled => new()
    {
        { "accepted", "[]", "accepted" },
        { "accepted", "null", "accepted" },
        { "payload", "7", "payload" },
        { "payload.authorization", "\"x\"", "payload.authorization" },
        { "payload.signature", "\"0x\"", "payload.signature" },
        { "payload.signature", "\"0x2d6a\"", "payload.signature" },
        { "payload.signature", "12", "payload.signature" },
        { "payload.signature", $"\"0x{new string('g', 130)}\"", "payload.signature" },
        { "payload.signature", $"\"0x{new string('a', 131)}\"", "payload.signature" },
        { "payload.signature", $"\"0x{new string('a', (2 * X402Limits.SignatureBytes) + 2)}\"", "payload.signature" },
        { "payload.authorization.from", "\"0x857b06519E91e3A54538791bDbb0E22373e36b6\"", "authorization.from" },
        { "payload.authorization.from", "\"857b06519E91e3A54538791bDbb0E22373e36b6666\"", "authorization.from" },
        { "payload.authorization.from", "\"0X857b06519E91e3A54538791bDbb0E22373e36b66\"", "authorization.from" },
        { "payload.authorization.from", "\"0x857b06519E91e3A54538791bDbb0E22373e36b6\\u0036\"", "authorization.from" },
        { "payload.authorization.to", "null", "authorization.to" },
        { "payload.authorization.nonce", "\"0xf374\"", "authorization.nonce" },
        { "payload.authorization.nonce", "\"1\"", "authorization.nonce" },
        { "payload.authorization.value", "10000", "authorization.value" },
        { "payload.authorization.value", "\"-1\"", "authorization.value" },
        { "payload.authorization.value", "\"+1\"", "authorization.value" },
        { "payload.authorization.value", "\"1e4\"", "authorization.value" },
        { "payload.authorization.value", "\"010000\"", "authorization.value" },
        { "payload.authorization.value", "\"0x2710\"", "authorization.value" },
        { "payload.authorization.value", "\" 10000\"", "authorization.value" },
        { "payload.authorization.value", "\"\u0661\"", "authorization.value" },
        { "payload.authorization.value", "\"\"", "authorization.value" },
        { "payload.authorization.value", $"\"{BigInteger.Pow(2, 256)}\"", "authorization.value" },
        { "payload.authorization.value", $"\"{new string('9', 4_000)}\"", "authorization.value" },
        { "payload.authorization.validAfter", "\"1.5\"", "authorization.validAfter" },
        { "payload.authorization.validBefore", "true", "authorization.validBefore" },
        { "accepted.amount", "10000", "accepted.amount" },
        { "accepted.asset", "\"USDC\"", "accepted.asset" },
        { "accepted.payTo", "\"merchant\"", "accepted.payTo" },
        { "accepted.scheme", "\"\"", "accepted.scheme" },
        { "accepted.network", $"\"{new string('x', 65)}\"", "accepted.network" },
        { "extensions.payment-identifier", "[]", "payment-identifier" },
        { "extensions.payment-identifier.info", "1", "payment-identifier" },
        { "extensions.payment-identifier.info.id", "\"too-short\"", "payment-identifier" },
        { "extensions.payment-identifier.info.id", "17", "payment-identifier" },
        { "extensions.payment-identifier.info.id", "\"has a space in it, this\"", "payment-identifier" },
        { "extensions.payment-identifier.info.id", $"\"{new string('a', 129)}\"", "payment-identifier" },
        { "x402Version", "1", "x402Version" },
        { "x402Version", "3", "x402Version" },
        { "x402Version", "\"2\"", "x402Version" },
        { "x402Version", "2.5", "x402Version" },
    };

    public static TheoryData<string, string> NoJson => new()
    {
        { "", "base64" },
        { "{}", "base64" },
        { "e30", "base64" },
        { "e30=\n", "base64" },
        { " e30=", "base64" },
        { "e3-_", "base64" },
        { "ééé=", "base64" },
        { new string('A', X402Limits.HeaderLength + 4), "longer" },
        { Header("[]"), "JSON" },
        { Header("null"), "JSON" },
        { Header("2"), "JSON" },
        { Header("{\"x402Version\":2"), "JSON" },
        { Header("{\"x402Version\":2} {}"), "JSON" },
        { Header("{\"x402Version\":2,\"x402Version\":2}"), "JSON" },
        { Header("{\"x402Version\":2,\"\\u0078402Version\":2}"), "JSON" },
        { Header("// no\n{}"), "JSON" },
        { Header("\uFEFF{}"), "JSON" },
        { Header(string.Concat(Enumerable.Repeat("{\"a\":", 17)) + "1" + new string('}', 17)), "JSON" },
        { Convert.ToBase64String([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}']), "JSON" },
    };

    [Fact]
    public void A_payment_of_version_2_is_read_whole()
    {
        var payment = Read(Version2());
        Assert.Equal((2, "exact", "eip155:84532"), (payment.Version, payment.Scheme, payment.Network));
        Assert.Equal(new AcceptedRequirements(Asset, PayTo, 10_000), payment.Accepted);
        Assert.Equal(
            new PaymentAuthorization(Payer, PayTo, 10_000, 1_740_672_089, 1_740_672_210, "0xF3746613c2d920b5fdabc0856f2aeb2d4f88ee6037b8cc5d04a71a4462f13480"),
            payment.Authorization);
        Assert.Equal(132, payment.Signature.Length);
        Assert.Equal("pay_7d5d747be160e280504c099d984bcfe0", payment.PaymentId);
    }

    [Fact]
    public void A_payment_of_version_1_is_read_into_the_same_form()
    {
        var payment = Read(Version1(), 1);
        Assert.Equal(Read(Version2()) with { Version = 1, Accepted = null, PaymentId = null }, payment);
    }

    [Theory]
    [MemberData(nameof(Spoiled))]
    public void A_member_that_is_wrong_is_named_malformed_request(string path, string json, string word)
    {
        Assert.False(PaymentReader.TryRead(Header(Version2().With(path, Marker).ToJsonString().Replace($"\"{Marker}\"", json, StringComparison.Ordinal)), 2, out _, out var fault));
        Assert.Equal(Codes.MalformedRequest, PaymentRejection.Of(fault).Code);
        Assert.Contains(word, fault.Message, StringComparison.Ordinal);
        Assert.Contains(PaymentRejection.Of(fault).Facts!, f => f.Name == PaymentRejection.ErrorFact);
    }

    [Theory]
    [InlineData("accepted")]
    [InlineData("payload")]
    [InlineData("payload.signature")]
    [InlineData("payload.authorization")]
    [InlineData("payload.authorization.from")]
    [InlineData("payload.authorization.validBefore")]
    [InlineData("x402Version")]
    public void A_member_that_is_missing_is_refused_malformed_request(string path)
    {
        Assert.False(PaymentReader.TryRead(Header(Version2().With(path, null)), 2, out _, out var fault));
        Assert.Equal(Codes.MalformedRequest, PaymentRejection.Of(fault).Code);
    }

    [Theory]
    [MemberData(nameof(NoJson))]
    public void What_is_no_JSON_in_base64_is_refused_malformed_request(string header, string word)
    {
        Assert.False(PaymentReader.TryRead(header, 2, out _, out var fault));
        Assert.Equal(Codes.MalformedRequest, PaymentRejection.Of(fault).Code);
        Assert.Contains(word, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("accepted.scheme", "\"upto\"", "unsupported_scheme")]
    [InlineData("accepted.network", "\"solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp\"", "invalid_network")]
    [InlineData("accepted.network", "\"eip155:0\"", "invalid_network")]
    [InlineData("accepted.network", "\"eip155:99999999999999999999999\"", "invalid_network")]
    [InlineData("payload", """{"signature":"0x","permit2Authorization":{}}""", "unsupported_scheme")]
    public void Another_way_to_pay_is_refused_payment_required(string path, string json, string error)
    {
        Assert.False(PaymentReader.TryRead(Header(Version2().With(path, JsonNode.Parse(json))), 2, out _, out var fault));
        Assert.Equal(Codes.PaymentRequired, PaymentRejection.Of(fault).Code);
        Assert.Contains(PaymentRejection.Of(fault).Facts!, f => f == new Fact(PaymentRejection.ErrorFact, error));
    }

    [Theory]
    [InlineData("scheme", "upto", "unsupported_scheme")]
    [InlineData("network", "solana-devnet", "invalid_network")]
    [InlineData("network", "eip155:84532", "invalid_network")]
    public void Another_way_to_pay_is_refused_in_version_1_too(string path, string value, string error)
    {
        Assert.False(PaymentReader.TryRead(Header(Version1().With(path, value)), 1, out _, out var fault));
        Assert.Equal(Codes.PaymentRequired, PaymentRejection.Of(fault).Code);
        Assert.Contains(PaymentRejection.Of(fault).Facts!, f => f == new Fact(PaymentRejection.ErrorFact, error));
    }

    [Fact]
    public void No_header_is_no_payment_and_no_refusal()
    {
        Assert.True(PaymentReader.TryRead([], [], out var payment, out _));
        Assert.Null(payment);
    }

    [Fact]
    public void Two_payments_in_one_request_are_refused()
    {
        Assert.False(PaymentReader.TryRead([Header(Version2())], [Header(Version1())], out _, out var both));
        Assert.False(PaymentReader.TryRead([Header(Version2()), Header(Version2())], [], out _, out var twice));
        Assert.Equal((Codes.MalformedRequest, Codes.MalformedRequest), (PaymentRejection.Of(both).Code, PaymentRejection.Of(twice).Code));
    }

    [Fact]
    public void Each_header_carries_its_own_version()
    {
        Assert.True(PaymentReader.TryRead([], [Header(Version1())], out var payment, out _));
        Assert.Equal(1, payment!.Version);
        Assert.False(PaymentReader.TryRead([Header(Version1())], [], out _, out _));
        Assert.False(PaymentReader.TryRead([], [Header(Version2())], out _, out _));
    }

    [Fact]
    public void Another_spelling_of_the_same_payment_has_the_same_identity_and_fingerprint()
    {
        var payment = Read(Version2());
        var other = Read(Version1()
            .With("payload.authorization.from", Payer.ToLowerInvariant())
            .With("payload.authorization.to", PayTo.ToLowerInvariant())
            .With("payload.authorization.nonce", "0xf3746613C2D920B5fdabc0856f2aeb2d4f88ee6037b8cc5d04a71a4462f13480")
            .With("payload.signature", $"0x{new string('1', 130)}"), 1);
        Assert.Equal(payment.IdentityUnder(Terms), other.IdentityUnder(Terms));
        Assert.Equal(payment.FingerprintUnder(Terms), other.FingerprintUnder(Terms));
        Assert.Equal($"x402:eip155:84532:{Payer.ToLowerInvariant()}", payment.IdentityUnder(Terms).WalletId);
        Assert.InRange(payment.IdentityUnder(Terms).ToString().Length, 1, Limits.IdempotencyKeyLength);
    }

    [Theory]
    [InlineData("payload.authorization.value", "9999")]
    [InlineData("payload.authorization.validBefore", "1740672211")]
    [InlineData("payload.authorization.validAfter", "1740672088")]
    [InlineData("payload.authorization.to", Payer)]
    public void Another_authorization_under_the_same_nonce_has_another_fingerprint(string path, string value)
    {
        var (payment, other) = (Read(Version2()), Read(Version2().With(path, value)));
        Assert.Equal(payment.IdentityUnder(Terms), other.IdentityUnder(Terms));
        Assert.NotEqual(payment.FingerprintUnder(Terms), other.FingerprintUnder(Terms));
    }

    [Fact]
    public void Whatever_the_bytes_it_is_a_payment_or_a_refusal() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => IsTotal(Convert.ToBase64String(bytes))).QuickCheckThrowOnFailure();

    [Fact]
    public void Whatever_the_text_it_is_a_payment_or_a_refusal() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string?>(), text => IsTotal(text ?? "") && IsTotal(Header(text ?? ""))).QuickCheckThrowOnFailure();

    [Fact]
    public void A_good_payment_with_any_byte_changed_cut_or_put_in_is_a_payment_or_a_refusal()
    {
        var good = Encoding.UTF8.GetBytes(Version2().ToJsonString());
        var spoiled = from at in Gen.Choose(0, good.Length - 1) from value in Gen.Choose(0, 255) from how in Gen.Choose(0, 2) select (at, (byte)value, how);
        Prop.ForAll(spoiled.ToArbitrary(), s => IsTotal(Convert.ToBase64String(s.how switch
        {
            0 => [.. good[..s.at], s.Item2, .. good[(s.at + 1)..]],
            1 => [.. good[..s.at], .. good[(s.at + 1)..]],
            _ => [.. good[..s.at], s.Item2, .. good[s.at..]],
        }))).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    [Fact]
    public void A_good_payment_with_any_value_in_the_place_of_another_is_a_payment_or_a_refusal()
    {
        string[] values =
        [
            "null", "true", "0", "-1", "1e999", "1e-999", "123456789012345678901234567890", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[]]", "{\"info\":null}", "{\"\\udc00\":1}",
        ];
        string[] paths =
        [
            "x402Version", "accepted", "accepted.scheme", "accepted.network", "accepted.amount", "accepted.asset", "accepted.payTo", "accepted.extra", "payload", "payload.signature",
            "payload.authorization", "payload.authorization.from", "payload.authorization.to", "payload.authorization.value", "payload.authorization.validAfter",
            "payload.authorization.validBefore", "payload.authorization.nonce", "extensions", "extensions.payment-identifier", "extensions.payment-identifier.info",
            "extensions.payment-identifier.info.id", "resource",
        ];
        foreach (var (path, value) in paths.SelectMany(p => values.Select(v => (p, v))))
        {
            Assert.True(IsTotal(Header(Version2().With(path, Marker).ToJsonString().Replace($"\"{Marker}\"", value, StringComparison.Ordinal))), $"{path}: {value}");
        }
    }

    private const string Marker = "MARKER";

    private static bool IsTotal(string header)
    {
        foreach (var version in (int[])[1, 2])
        {
            var isPayment = PaymentReader.TryRead(header, version, out var payment, out var fault);
            if (isPayment ? payment is null || fault is not null : payment is not null || fault is null) return false;

            if (isPayment)
            {
                // What was read can be compared, and written for the facilitator, without a throw.
                _ = PaymentChecks.Place(payment!, Terms) ?? PaymentChecks.Value(payment!, Requirements, Now);
                PaymentWriter.FacilitatorBody(payment!, Requirements, Resource);
            }
        }

        return true;
    }
}
