using Agora.Core.Kernel;
using FsCheck;
using FsCheck.Fluent;

namespace Agora.Core.Tests.Kernel;

public sealed class MoneyTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("95", 950_000)]
    [InlineData("0.25", 2_500)]
    [InlineData("0.0001", 1)]
    [InlineData("00.5000", 5_000)]
    [InlineData("100000000000", Limits.MaxMicros)]
    public void Cents_are_read_exactly(string text, long micros)
    {
        Assert.True(Money.TryParseCents(text, out var parsed));
        Assert.Equal(micros, parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("-0")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("1.00000")]
    [InlineData("0.00001")]
    [InlineData("1e3")]
    [InlineData("1e400")]
    [InlineData("NaN")]
    [InlineData("1 ")]
    [InlineData("1,5")]
    [InlineData("1.2.3")]
    [InlineData("1.-2")]
    [InlineData("\u0661")]
    [InlineData("100000000000.0001")]
    [InlineData("999999999999")]
    [InlineData("9999999999999999999999")]
    public void Text_that_is_no_amount_of_cents_is_refused(string text) => Assert.False(Money.TryParseCents(text, out _));

    [Theory]
    [InlineData(950_000, "95")]
    [InlineData(2_500, "0.25")]
    [InlineData(1, "0.0001")]
    [InlineData(-15_000, "-1.5")]
    [InlineData(-1, "-0.0001")]
    [InlineData(0, "0")]
    public void Cents_are_written_in_shortest_form(long micros, string text) => Assert.Equal(text, Money.FormatCents(micros));

    [Fact]
    public void Every_amount_that_is_written_is_read_as_the_same() =>
        Prop.ForAll((from high in Gen.Choose(0, 999_999_999) from low in Gen.Choose(0, 999_999) select high * 1_000_000L + low).ToArbitrary(), micros =>
        {
            Assert.True(Money.TryParseCents(Money.FormatCents(micros), out var parsed));
            Assert.Equal(micros, parsed);
        }).QuickCheckThrowOnFailure();
}
