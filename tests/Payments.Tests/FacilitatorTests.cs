using System.Net;
using System.Text.Json.Nodes;
using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.Grains.Payments;
using Agora.Outbound;
using Agora.Outbound.Tests;
using Agora.Testing.Payments;
using Agora.X402;
using static Agora.Testing.Payments.FacilitatorConduct;

namespace Agora.Payments.Tests;

/// <summary>Whatever the facilitator does, money moves once at most, and in the end it is known whether it did.</summary>
public sealed class FacilitatorTests : IAsyncLifetime
{
    private static readonly PaymentRequirements Requirements = Selling.Terms.For(50_000)!;
    private readonly FakeTime _time = new();
    private readonly TestPayer _payer = new();
    private HostileFacilitator _other = null!;
    private HttpOutbound _outbound = null!;
    private Facilitator _facilitator = null!;

    /// <summary>What a facilitator does at each attempt of one settlement, and what is known after it.</summary>
    public static TheoryData<FacilitatorConduct[], SettleOutcome?> Settlements => new()
    {
        { [BadGatewayAfterActing], new SettleOutcome.Settled(null) },
        { [ClosesAfterActing], new SettleOutcome.Settled(null) },
        { [BadGatewayWithoutActing], null },
        { [ClosesWithoutActing], null },
        { [BadGatewayAfterActing, RepeatsSuccess], new SettleOutcome.Settled(null) },
        { [BadGatewayAfterActing, BadGatewayWithoutActing, BadGatewayWithoutActing], new SettleOutcome.Unknown(FacilitatorDoubt.NoAnswer) },
        { [ClosesWithoutActing, ClosesWithoutActing, ClosesWithoutActing], new SettleOutcome.Unknown(FacilitatorDoubt.NoAnswer) },
        { [ServerError], new SettleOutcome.Unknown(FacilitatorDoubt.NoAnswer) },
        { [AnswersTwice], new SettleOutcome.Unknown(FacilitatorDoubt.Unreadable) },
        { [HugeBody], new SettleOutcome.Unknown(FacilitatorDoubt.Unreadable) },
        { [NotJson], new SettleOutcome.Unknown(FacilitatorDoubt.Unreadable) },
        { [LiesAboutAmount], new SettleOutcome.Unknown(FacilitatorDoubt.Contradiction) },
        { [LiesAboutPayer], new SettleOutcome.Unknown(FacilitatorDoubt.Contradiction) },
        { [LiesAboutNetwork], new SettleOutcome.Unknown(FacilitatorDoubt.Contradiction) },
        { [Refuses], new SettleOutcome.Refused("invalid_exact_evm_insufficient_balance") },
    };

    public async Task InitializeAsync()
    {
        _other = await HostileFacilitator.Start(_time);
        _outbound = new(AllowList.Parse($"127.0.0.1:{_other.Address.Port}"), _time, jitter: () => 0);
        _facilitator = new(_other.Address, "a-key-of-16-characters", _outbound);
    }

    public async Task DisposeAsync()
    {
        await _other.DisposeAsync();
        _outbound.Dispose();
        _payer.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_honest_facilitator_verifies_and_settles(int version)
    {
        var call = Call(version);
        Assert.Equal(new VerifyOutcome.Valid(_payer.Address), await _facilitator.Verify(call));
        Assert.Equal(0, _other.Transfers);
        Assert.True(EvmText.IsTransaction(Assert.IsType<SettleOutcome.Settled>(await _facilitator.Settle(call, false)).Transaction!));
        Assert.Equal(1, _other.Transfers);
    }

    [Theory]
    [MemberData(nameof(Settlements))]
    public async Task A_settlement_that_goes_wrong_leaves_what_is_known_and_ends_settled_when_asked_again(FacilitatorConduct[] conducts, SettleOutcome? known)
    {
        _other.Next("/settle", conducts);
        var call = Call();

        var first = await _facilitator.Settle(call, false);
        Assert.Equal(conducts.Length, Math.Min(_other.Settles, conducts.Length));
        if (known is null)
        {
            Assert.NotNull(Assert.IsType<SettleOutcome.Settled>(first).Transaction);
        }
        else
        {
            Assert.Equal(known, first);
        }

        if (first is SettleOutcome.Unknown)
        {
            Assert.IsType<SettleOutcome.Settled>(await _facilitator.Settle(call, attemptedBefore: true));
        }

        Assert.Equal(first is SettleOutcome.Refused ? 0 : 1, _other.Transfers);
    }

    [Fact]
    public async Task A_facilitator_that_falls_silent_after_settling_is_asked_again_and_settled_once()
    {
        _other.Next("/settle", SilentAfterActing);
        var settling = _facilitator.Settle(Call(), false);
        await _other.Silence();
        _time.Advance(TimeSpan.FromSeconds(12));

        Assert.Equal(new SettleOutcome.Settled(null), await settling);
        Assert.Equal((1, 2), (_other.Transfers, _other.Settles));
    }

    [Fact]
    public async Task A_facilitator_that_stays_silent_leaves_it_unknown_until_it_speaks()
    {
        _other.Next("/settle", SilentAfterActing, SilentAfterActing);
        var call = Call();
        var settling = _facilitator.Settle(call, false);
        await _other.Silence();
        _time.Advance(TimeSpan.FromSeconds(12));
        await _other.Silence();
        _time.Advance(TimeSpan.FromSeconds(8));
        Assert.Equal(new SettleOutcome.Unknown(FacilitatorDoubt.NoAnswer), await settling);

        Assert.Equal(new SettleOutcome.Settled(null), await _facilitator.Settle(call, attemptedBefore: true));
        Assert.Equal(1, _other.Transfers);
    }

    [Fact]
    public async Task A_slow_facilitator_is_waited_for()
    {
        _other.Next("/settle", Slow);
        var settling = _facilitator.Settle(Call(), false);
        await _other.Silence();
        _time.Advance(TimeSpan.FromSeconds(11));
        _other.Release();
        Assert.NotNull(Assert.IsType<SettleOutcome.Settled>(await settling).Transaction);
    }

    [Fact]
    public async Task A_nonce_that_somebody_else_used_is_refused_and_no_payment()
    {
        var call = Call();
        await _facilitator.Settle(call, false);
        Assert.Equal(new SettleOutcome.Refused(FacilitatorAnswers.NonceAlreadyUsed), await _facilitator.Settle(call, attemptedBefore: false));
        Assert.Equal(new VerifyOutcome.Invalid(FacilitatorAnswers.NonceAlreadyUsed), await _facilitator.Verify(call));
        Assert.Equal(1, _other.Transfers);
    }

    [Fact]
    public async Task A_payment_that_ran_out_after_an_attempt_without_a_known_outcome_stays_unknown()
    {
        _other.Next("/settle", ServerError);
        var call = Call();
        await _facilitator.Settle(call, false);
        _time.Advance(X402Limits.Timeout);
        Assert.Equal(new SettleOutcome.Unknown(FacilitatorDoubt.Open), await _facilitator.Settle(call, attemptedBefore: true));
        Assert.Equal(new SettleOutcome.Refused("invalid_exact_evm_payload_authorization_valid_before"), await _facilitator.Settle(call, attemptedBefore: false));
    }

    [Fact]
    public async Task Two_settlements_at_once_move_the_money_once()
    {
        var call = Call();
        var outcomes = await Task.WhenAll(_facilitator.Settle(call, false), _facilitator.Settle(call, false));
        Assert.Single(outcomes.OfType<SettleOutcome.Settled>());
        Assert.Equal(1, _other.Transfers);
    }

    [Theory]
    [InlineData(BadGatewayWithoutActing, null)]
    [InlineData(ClosesWithoutActing, null)]
    [InlineData(ServerError, FacilitatorDoubt.NoAnswer)]
    [InlineData(NotJson, FacilitatorDoubt.Unreadable)]
    [InlineData(HugeBody, FacilitatorDoubt.Unreadable)]
    [InlineData(AnswersTwice, FacilitatorDoubt.Unreadable)]
    [InlineData(LiesAboutPayer, FacilitatorDoubt.Contradiction)]
    public async Task A_verification_that_goes_wrong_is_asked_again_or_unknown(FacilitatorConduct conduct, FacilitatorDoubt? doubt)
    {
        _other.Next("/verify", conduct);
        VerifyOutcome expected = doubt is { } why ? new VerifyOutcome.Unknown(why) : new VerifyOutcome.Valid(_payer.Address);
        Assert.Equal(expected, await _facilitator.Verify(Call()));
        Assert.Equal(0, _other.Transfers);
    }

    [Fact]
    public async Task One_that_says_valid_and_then_refuses_moves_nothing()
    {
        _other.Next("/settle", Refuses);
        var call = Call();
        Assert.IsType<VerifyOutcome.Valid>(await _facilitator.Verify(call));
        Assert.IsType<SettleOutcome.Refused>(await _facilitator.Settle(call, false));
        Assert.Equal(0, _other.Transfers);
    }

    [Fact]
    public async Task A_claim_that_agrees_with_the_payment_is_believed_for_whom_to_trust_is_the_operators_choice()
    {
        _other.Next("/settle", LiesAboutSuccess);
        Assert.IsType<SettleOutcome.Settled>(await _facilitator.Settle(Call(), false));
        Assert.Equal(0, _other.Transfers);
    }

    [Fact]
    public async Task Its_key_goes_along_and_the_payments_identity_as_idempotency_key()
    {
        var call = Call();
        await _facilitator.Settle(call, false);
        Assert.Equal(("Bearer a-key-of-16-characters", call.Identity.ToString()), (_other.LastAuthorization, _other.LastIdempotencyKey));
    }

    [Fact]
    public async Task A_request_that_it_calls_unreadable_with_400_is_a_refusal()
    {
        // Version 1 knows no such network, so the local facilitator cannot read what it is asked.
        var call = Call() with { Requirements = Requirements with { Network = "eip155:nine" } };
        Assert.Equal(new VerifyOutcome.Invalid("invalid_network"), await _facilitator.Verify(call));
        Assert.Equal(new SettleOutcome.Refused("invalid_network"), await _facilitator.Settle(call, false));
    }

    [Fact]
    public async Task One_that_may_not_be_called_has_not_been_asked()
    {
        using var guarded = new HttpOutbound(AllowList.Empty, _time);
        Facilitator refused = new(_other.Address, null, guarded);
        Assert.Equal(new VerifyOutcome.Unknown(FacilitatorDoubt.NotAsked), await refused.Verify(Call()));
        Assert.Equal(new SettleOutcome.Unknown(FacilitatorDoubt.NotAsked), await refused.Settle(Call(), false));
        Assert.Null(await refused.Supports("eip155:84532", 2));
        Assert.Empty(_other.Bodies);
    }

    [Fact]
    public async Task A_settlement_that_was_sent_and_whose_repeat_the_guard_refuses_stays_unknown_until_somebody_answers()
    {
        using var outbound = Resolving([IPAddress.Loopback], [IPAddress.Parse("10.0.0.1")]);
        Facilitator moved = new(new($"http://facilitator.example:{_other.Address.Port}/"), null, outbound);
        _other.Next("/settle", ClosesAfterActing);
        var call = Call();

        Assert.Equal(new SettleOutcome.Unknown(FacilitatorDoubt.NoAnswer), await moved.Settle(call, attemptedBefore: false));
        Assert.Equal(1, _other.Transfers);
        Assert.Equal(new SettleOutcome.Settled(null), await _facilitator.Settle(call, attemptedBefore: true));
    }

    [Fact]
    public async Task A_nonce_that_the_payer_used_up_is_no_payment_after_an_attempt_that_never_left()
    {
        var call = Call();
        await _facilitator.Settle(call, false);
        using var outbound = Resolving([], [IPAddress.Loopback]);
        Facilitator late = new(new($"http://facilitator.example:{_other.Address.Port}/"), null, outbound);

        Assert.Equal(new SettleOutcome.Refused(FacilitatorAnswers.NonceAlreadyUsed), await late.Settle(call, attemptedBefore: false));
        Assert.Equal(2, _other.Settles);
    }

    [Theory]
    [InlineData("eip155:84532", 2, true)]
    [InlineData("eip155:84532", 1, true)]
    [InlineData("eip155:1", 2, false)]
    public async Task What_it_supports_is_asked_by_GET(string network, int version, bool supports) => Assert.Equal(supports, await _facilitator.Supports(network, version));

    [Fact]
    public async Task A_payment_of_a_stranger_in_the_payers_name_is_refused()
    {
        using var stranger = new TestPayer();
        var forged = _payer.Pay(Requirements, _time.GetUtcNow());
        forged["payload"]!["signature"] = stranger.Pay(Requirements, _time.GetUtcNow())["payload"]!["signature"]!.DeepClone();
        Assert.Equal(new VerifyOutcome.Invalid("invalid_exact_evm_signature"), await _facilitator.Verify(Call(forged, 2)));
    }

    /// <summary>Calls whose names have other addresses at each look-up.</summary>
    private HttpOutbound Resolving(params IPAddress[][] answers)
    {
        var next = new Queue<IPAddress[]>(answers);
        return new(AllowList.Parse($"127.0.0.1:{_other.Address.Port}"), _time, (_, _) => Task.FromResult(next.Dequeue()), () => 0);
    }

    private FacilitatorCall Call(int version = 2) => Call(_payer.Pay(Requirements, _time.GetUtcNow(), version: version), version);

    private static FacilitatorCall Call(JsonNode payment, int version)
    {
        Assert.True(PaymentReader.TryRead(TestPayer.Header(payment), version, out var read, out var fault), fault?.Message);
        return new(read, Requirements, new("https://agora.example/run", "One summary", "application/json"), read.IdentityUnder(Selling.Terms), null);
    }
}
