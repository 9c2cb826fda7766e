using Agora.Core.Funds;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using FsCheck;
using FsCheck.Fluent;
using static Agora.Core.Tests.Refunds.RefundSample;

namespace Agora.Core.Tests.Refunds;

/// <summary>Shares are rounded over the whole of what was given back, not refund by refund.</summary>
public sealed class RefundRoundingTests
{
    [Fact]
    public void Any_sequence_of_parts_ends_exactly_where_one_refund_of_the_whole_does() => Prop.ForAll(Sequences(), sequence =>
    {
        var payment = Paid with { AmountMicros = sequence.Paid, FeeMicros = Fee.Of(sequence.Paid, sequence.BasisPoints) };
        var state = RefundState.Initial(StreamId.Payment(Id));
        var (provider, fee) = (0L, 0L);
        foreach (var part in sequence.Parts.Select(p => p % sequence.Paid + 1).Append(long.MaxValue))
        {
            var left = payment.AmountMicros - state.Back.Posted;
            if (left == 0) break;

            var asked = Assert.IsType<RefundEvent.Requested>(Decide(state, Refund(Math.Min(part, left), payment)).Events[0]);
            Assert.InRange(asked.FeeMicros, 0, asked.AmountMicros);
            Assert.Equal((asked.ProviderHold is null, asked.FeeHold is null), (asked.AmountMicros == asked.FeeMicros, asked.FeeMicros == 0));
            state = Accept(state.Evolve(asked));
            state.CheckInvariants();
            (provider, fee) = (provider + asked.AmountMicros - asked.FeeMicros, fee + asked.FeeMicros);

            // Never more than anybody's share, at any point.
            Assert.InRange(provider, 0, payment.AmountMicros - payment.FeeMicros);
            Assert.InRange(fee, 0, payment.FeeMicros);
            Assert.Equal(state.Back.Posted, provider + fee);
        }

        Assert.Equal((payment.AmountMicros - payment.FeeMicros, payment.FeeMicros), (provider, fee));
        Assert.Equal(Codes.DuplicateRequest, Decide(state, Refund(1, payment)).Answer!.Rejection!.Code);
    }).QuickCheckThrowOnFailure();

    private static Decision<RefundState, RefundEvent> Decide(RefundState state, RefundCommand.Refund command) =>
        RefundDecider.Decide(state, command, new(RefundTest.Start, RunId));

    private static RefundState Accept(RefundState state)
    {
        var refund = state.Pending!;
        var refunded = state.Back.Posted + refund.AmountMicros;
        return state.Evolve(new RefundEvent.Accepted(
            refund.CommandId,
            new(refund.RefundId, Id, refund.AmountMicros, refund.FeeMicros, "", "", RefundStates.Posted, refunded, state.Payment!.AmountMicros - refunded, RefundTest.Start),
            []));
    }

    private static Arbitrary<Sequence> Sequences() => (
        from digits in Gen.Choose(0, 15)
        from seed in Gen.Choose(1, int.MaxValue)
        from basisPoints in Gen.OneOf(Gen.Choose(0, Fee.MaxBasisPoints), Gen.Elements(0, 1, 250, Fee.MaxBasisPoints))
        from parts in Gen.Choose(1, int.MaxValue).Select(n => (long)n * n % Limits.MaxMicros).ArrayOf()
        select new Sequence(Math.Min(Limits.MaxMicros, 1 + ((long)seed * seed % Power(digits))), basisPoints, parts)).ToArbitrary();

    private static long Power(int digits) => Enumerable.Repeat(10L, digits).Aggregate(1L, (a, b) => a * b);

    private sealed record Sequence(long Paid, int BasisPoints, long[] Parts);
}
