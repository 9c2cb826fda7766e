using System.Globalization;
using System.Numerics;
using System.Text;
using Agora.Samples.Facilitator;
using Agora.Samples.Facilitator.Signatures;

namespace Agora.Samples.Tests;

public sealed class FacilitatorTests
{
    private const string Payer = "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23";
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_893_455_900);

    /// <summary>What was changed in a signed request, and why it is refused then.</summary>
    public static TheoryData<string, string, string> Spoiled => new()
    {
        { "\"value\":\"10000\"", "\"value\":\"10001\"", Reasons.InvalidSignature },
        { "\"nonce\":\"0xf3", "\"nonce\":\"0xf4", Reasons.InvalidSignature },
        { "\"validBefore\":\"1893456000\"", "\"validBefore\":\"1893456001\"", Reasons.InvalidSignature },
        { "\"version\":\"2\"", "\"version\":\"1\"", Reasons.InvalidSignature },
        { "\"name\":\"USDC\"", "\"name\":\"USD Coin\"", Reasons.InvalidSignature },
        { "\"network\":\"eip155:84532\"", "\"network\":\"eip155:8453\"", Reasons.InvalidSignature },
        { "c271e1c\"", "c271e1b\"", Reasons.InvalidSignature },
        { "\"accepted\":{\"scheme\":\"exact\"", "\"accepted\":{\"scheme\":\"upto\"", Reasons.InvalidScheme },
        { "\"accepted\":{\"scheme\":\"exact\",\"network\":\"eip155:84532\"", "\"accepted\":{\"scheme\":\"exact\",\"network\":\"eip155:1\"", Reasons.NetworkMismatch },
        { "\"amount\":\"10000\"", "\"amount\":\"9999\"", Reasons.ValueMismatch },
        { "\"payTo\":\"0x20", "\"payTo\":\"0x21", Reasons.RecipientMismatch },
        { ",\"extra\":{\"name\":\"USDC\",\"version\":\"2\"}", "", Reasons.MissingDomain },
    };

    // The vectors of the Keccak team's KAT files (empty message) and of Ethereum's libraries.
    [Theory]
    [InlineData("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    [InlineData("Transfer(address,address,uint256)", "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef")]
    public void Keccak_256_gives_the_published_hashes(string text, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(Keccak256.Hash(Encoding.UTF8.GetBytes(text))));

    // As viem (@noble/hashes) gives them, for lengths at which padding and blocks meet.
    [Theory]
    [InlineData(135, "3d28d08c3dacab77392064a939f3e7f8d03f2e02e2c664ac08a05f63ac652626")]
    [InlineData(136, "b82d89d96e5575d11a9e1f4cabb2a45e60899e69a19a724cd796bdcf13511018")]
    [InlineData(137, "ec8008a74e50bc7d6b22c3ad85402bf10e6d4449f3c8618e36c461b8a44eeafb")]
    [InlineData(272, "a657381e5615f539cac71f13c74473a5e77eaa2bd8348422dcac221c8f13da94")]
    public void Messages_around_the_block_of_136_bytes_are_padded_right(int length, string hash) =>
        Assert.Equal(hash, Convert.ToHexStringLower(Keccak256.Hash(Enumerable.Repeat((byte)0xa3, length).ToArray())));

    [Fact]
    public void The_example_of_EIP_712_is_hashed_and_recovered_to_its_signer()
    {
        var person = TypedData.Hash("Person(string name,address wallet)");
        byte[] Person(string name, string wallet) => TypedData.Struct(person, TypedData.Hash(name), TypedData.Word(wallet));
        var digest = TypedData.Digest(
            TypedData.Struct(
                TypedData.Hash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                TypedData.Hash("Ether Mail"), TypedData.Hash("1"), TypedData.Word(BigInteger.One), TypedData.Word("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC")),
            TypedData.Struct(
                TypedData.Hash("Mail(Person from,Person to,string contents)Person(string name,address wallet)"),
                Person("Cow", "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"), Person("Bob", "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"), TypedData.Hash("Hello, Bob!")));

        Assert.Equal("be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2", Convert.ToHexStringLower(digest));
        Assert.Equal(
            "0xcd2a3d9f938e13cd947ec05abc7fe734df8dd826",
            Secp256k1.RecoverAddress(digest, Convert.FromHexString(
                "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c")));
    }

    [Theory]
    [InlineData("00")]
    [InlineData("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141")]
    public void A_signature_out_of_range_has_no_signer(string number)
    {
        var word = TypedData.Word(BigInteger.Parse($"0{number}", NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        var hash = TypedData.Hash("anything");
        Assert.Null(Secp256k1.RecoverAddress(hash, [.. word, .. TypedData.Word(BigInteger.One), 27]));
        Assert.Null(Secp256k1.RecoverAddress(hash, [.. TypedData.Word(BigInteger.One), .. word, 27]));
    }

    [Fact]
    public void What_a_client_signed_passes()
    {
        Assert.Null(Refusal(Request));
        Assert.Equal(Payer, Read(Request).Transfer.From);
    }

    [Theory]
    [MemberData(nameof(Spoiled))]
    public void What_was_changed_after_signing_is_refused(string was, string becomes, string reason)
    {
        Assert.Contains(was, Request, StringComparison.Ordinal);
        Assert.Equal(reason, Refusal(Request.Replace(was, becomes, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(94, null)]
    [InlineData(95, Reasons.ValidBefore)]
    [InlineData(-1_893_455_901, Reasons.ValidAfter)]
    public void Out_of_its_time_it_is_refused(int seconds, string? reason) => Assert.Equal(reason, Verification.Refusal(Read(Request), Now.AddSeconds(seconds)));

    [Fact]
    public void A_nonce_is_used_once()
    {
        var ledger = new Ledger(null);
        Assert.Null(ledger.Refusal(Read(Request)));
        Assert.NotNull(ledger.Move(Read(Request)).Transaction);
        Assert.Equal((null, Reasons.NonceAlreadyUsed), ledger.Move(Read(Request)));
        Assert.Equal(Reasons.NonceAlreadyUsed, ledger.Refusal(Read(Request)));
        Assert.Equal(1, ledger.Transfers);
    }

    [Fact]
    public void Nobody_pays_more_than_he_has()
    {
        var ledger = new Ledger(new Dictionary<string, BigInteger> { [Payer] = 9_999 });
        Assert.Equal((null, Reasons.InsufficientBalance), ledger.Move(Read(Request)));
        Assert.Equal(0, ledger.Transfers);
    }

    [Theory]
    [InlineData("", "invalid_payload")]
    [InlineData("[]", "invalid_payload")]
    [InlineData("{}", "invalid_payload")]
    [InlineData("""{"paymentPayload":{"x402Version":3},"paymentRequirements":{}}""", "invalid_x402_version")]
    public void What_is_no_payment_is_said_to_be_none(string body, string reason) =>
        Assert.Equal(reason, Assert.Throws<UnreadableException>(() => Read(body)).Message);

    private static string? Refusal(string request) => Verification.Refusal(Read(request), Now);

    private static PaymentRequest Read(string request) => PaymentRequest.Read(Encoding.UTF8.GetBytes(request));

    /// <summary>Signed by viem (signTypedData) with a key that is no secret.</summary>
    private const string Request =
        "{\"x402Version\":2,\"paymentPayload\":{\"x402Version\":2,\"accepted\":{\"scheme\":\"exact\",\"network\":\"eip155:84532\"},\"payload\":{" +
        "\"signature\":\"0x1ad4e2da953af6baa15dbc5a0cd8c51b9c42c098624d7f5e0f07168db77da4d46013dd05be46f82f790c73656c4fcbc6ad322e0b403db1e74aa2ecd3298c271e1c\"," +
        "\"authorization\":{\"from\":\"0x2c7536E3605D9C16a7a3D7b1898e529396a65c23\",\"to\":\"0x209693Bc6afc0C5328bA36FaF03C514EF312287C\",\"value\":\"10000\"," +
        "\"validAfter\":\"0\",\"validBefore\":\"1893456000\",\"nonce\":\"0xf3746613c2d920b5fdabc0856f2aeb2d4f88ee6037b8cc5d04a71a4462f13480\"}}}," +
        "\"paymentRequirements\":{\"scheme\":\"exact\",\"network\":\"eip155:84532\",\"amount\":\"10000\",\"asset\":\"0x036CbD53842c5426634e7929541eC2318f3dCF7e\"," +
        "\"payTo\":\"0x209693Bc6afc0C5328bA36FaF03C514EF312287C\",\"maxTimeoutSeconds\":60,\"extra\":{\"name\":\"USDC\",\"version\":\"2\"}}}";
}
