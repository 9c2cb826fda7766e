using System.Globalization;
using System.Numerics;

namespace Agora.JsonSchema.Tests;

public sealed class NumberTests
{
    [Theory]
    [InlineData("1e400", "1e399", 1)]
    [InlineData("-1e400", "-1e399", -1)]
    [InlineData("1e-400", "0", 1)]
    [InlineData("-0", "0", 0)]
    [InlineData("-0.0e5", "0", 0)]
    [InlineData("100", "1e2", 0)]
    [InlineData("0.010", "1E-2", 0)]
    [InlineData("9007199254740993", "9007199254740992", 1)]
    [InlineData("0.1000000000000000055511151231257827", "0.1", 1)]
    [InlineData("18446744073709551616", "18446744073709551615", 1)]
    [InlineData("-9223372036854775809", "-9223372036854775808", -1)]
    public void Numbers_compare_by_their_exact_value(string a, string b, int order)
    {
        Assert.Equal(order >= 0, Json.Accepts($$"""{"minimum":{{b}}}""", a));
        Assert.Equal(order > 0, Json.Accepts($$"""{"exclusiveMinimum":{{b}}}""", a));
        Assert.Equal(order <= 0, Json.Accepts($$"""{"maximum":{{b}}}""", a));
        Assert.Equal(order < 0, Json.Accepts($$"""{"exclusiveMaximum":{{b}}}""", a));
        Assert.Equal(order == 0, Json.Accepts($$"""{"const":{{b}}}""", a));
        Assert.Equal(order == 0, Json.Accepts($$"""{"enum":["x",{{b}}]}""", a));
        Assert.Equal(order != 0, Json.Accepts("""{"uniqueItems":true}""", $"[{a},{b}]"));
    }

    [Theory]
    [InlineData("1.0", true)]
    [InlineData("10e-1", true)]
    [InlineData("1e400", true)]
    [InlineData("-0.0", true)]
    [InlineData("1.5e1", true)]
    [InlineData("1.05e1", false)]
    [InlineData("1e-400", false)]
    [InlineData("9007199254740993.5", false)]
    public void A_number_without_fraction_is_an_integer_however_it_is_written(string number, bool integer) =>
        Assert.Equal(integer, Json.Accepts("""{"type":"integer"}""", number));

    [Theory]
    [InlineData("0.01", "19.99", true)]
    [InlineData("0.0001", "0.0075", true)]
    [InlineData("0.1", "0.3", true)]
    [InlineData("0.3", "1", false)]
    [InlineData("1e-8", "12391239123", true)]
    [InlineData("7", "-9223372036854775808", false)]
    [InlineData("2", "-9223372036854775808", true)]
    [InlineData("3", "1e400", false)]
    [InlineData("0.5", "1e400", true)]
    [InlineData("1e400", "5", false)]
    [InlineData("1e400", "0", true)]
    [InlineData("123456789012345678901234567890", "370370367037037036703703703670", true)]
    [InlineData("123456789012345678901234567891", "370370367037037036703703703670", false)]
    public void A_multiple_is_one_exactly(string divisor, string number, bool multiple) =>
        Assert.Equal(multiple, Json.Accepts($$"""{"multipleOf":{{divisor}}}""", number));

    [Fact]
    public void Random_decimals_agree_with_integer_arithmetic()
    {
        var random = new Random(20_201_2);
        for (int i = 0; i < 3_000; i++)
        {
            var (a, aUnits) = Number(random);
            var (b, bUnits) = Number(random);
            Assert.True(Json.Accepts($$"""{"minimum":{{b}}}""", a) == aUnits >= bUnits, $"{a} >= {b}");
            Assert.True(Json.Accepts($$"""{"const":{{b}}}""", a) == (aUnits == bUnits), $"{a} = {b}");
            if (bUnits.Sign > 0)
                Assert.True(Json.Accepts($$"""{"multipleOf":{{b}}}""", a) == (aUnits % bUnits).IsZero, $"{a} is a multiple of {b}");
        }
    }

    /// <summary>A number as text in one of its many spellings, and its value in units of 10^-12.</summary>
    private static (string Text, BigInteger Units) Number(Random random)
    {
        long significand = random.Next(2) == 0 ? random.Next(-50, 50) : random.NextInt64(-1_000_000_000_000, 1_000_000_000_000);
        int decimals = random.Next(0, 5), exponent = random.Next(-4, 9);
        string digits = Math.Abs(significand).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        string text = decimals == 0 ? digits : $"{digits[..^decimals]}.{digits[^decimals..]}";
        string suffix = exponent == 0 ? "" : $"e{(random.Next(2) == 0 && exponent > 0 ? "+" : "")}{exponent}";
        return ($"{(significand < 0 ? "-" : "")}{text}{suffix}", significand * BigInteger.Pow(10, 12 - decimals + exponent));
    }
}
