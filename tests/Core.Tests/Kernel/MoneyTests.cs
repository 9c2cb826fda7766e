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
    [InlineData("10.00000", 100_000)]
    [InlineData("10.10000000", 101_000)]
    [InlineData("1.00000", 10_000)]
    [InlineData("1e2", 1_000_000)]
    [InlineData("1.0E+2", 1_000_000)]
    [InlineData("2.5e-3", 25)]
    [InlineData("1e-4", 1)]
    [InlineData("0e-300", 0)]
    [InlineData("0e300", 0)]
    [InlineData("1e11", Limits.MaxMicros)]
    public void Cents_are_read_exactly(string text, long micros)
    {
        Assert.True(Money.TryParseCents(text, out var parsed));
        Assert.Equal(micros, parsed);
    }

    [Theory]
    [InlineData("19.999999999999998", 200_000)]
    [InlineData("7.000000000000001", 70_000)]
    [InlineData("0.30000000000000004", 3_000)]
    [InlineData("4.9999999999999996", 50_000)]
    [InlineData("0.00009999999999999999", 1)]
    public void What_floating_point_made_of_an_amount_is_that_amount(string text, long micros) => Cents_are_read_exactly(text, micros);

    /// <summary>Prices of tables are dollars for a million tokens: a client multiplies them by 100, or adds them, in floating point.</summary>
    [Fact]
    public void Every_price_that_a_client_computes_in_floating_point_is_read_as_what_it_is()
    {
        for (var micros = 1L; micros <= 3_000_000; micros += 7)
        {
            foreach (var computed in new[] { micros / 1_000_000.0 * 100, micros * 0.0001, micros / 3.0 * 3.0 / 10_000 })
            {
                var text = computed.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
                Assert.True(Money.TryParseCents(text, out var parsed), text);
                Assert.Equal(micros, parsed);
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("-0")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("0.00001")]
    [InlineData("0.00005")]
    [InlineData("2.08333333333333")]
    [InlineData("2.0833333333333335")]
    [InlineData("1e400")]
    [InlineData("1e-5")]
    [InlineData("1e-400")]
    [InlineData("1e12")]
    [InlineData("1e")]
    [InlineData("e1")]
    [InlineData("1e+-2")]
    [InlineData("1e1.5")]
    [InlineData("-1e2")]
    [InlineData("1.000000000000000000000000000001")]
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
