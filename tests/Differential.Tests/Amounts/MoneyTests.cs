using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Agora.Core.Kernel;
using Xunit.Abstractions;

namespace Agora.Differential.Tests.Amounts;

/// <summary>Amounts against integers without bounds, which know nothing of cents.</summary>
public sealed partial class MoneyTests(ITestOutputHelper output)
{
    private const int Decimals = 4;
    private static readonly BigInteger Most = BigInteger.Parse("1000000000000000", CultureInfo.InvariantCulture); // 10^15 micros, as documented

    [Fact]
    public void A_text_is_an_amount_where_its_digits_say_one_and_of_the_value_that_they_say()
    {
        output.WriteLine($"{Long.Amounts} texts from seed {Long.Seed}");
        var (random, amounts) = (new Random(Long.Seed), 0);
        for (var i = 0; i < Long.Amounts; i++)
        {
            var text = Text(random);
            var wanted = Expected(text);
            var read = Money.TryParseCents(text, out var micros) ? micros : (BigInteger?)null;
            Assert.True(wanted == read, $"seed {Long.Seed}: \"{text}\" is read as {read?.ToString(CultureInfo.InvariantCulture) ?? "none"}, and says {wanted?.ToString(CultureInfo.InvariantCulture) ?? "none"}");
            if (wanted is { } value)
            {
                amounts++;
                Assert.Equal(value, Expected(Money.FormatCents((long)value))); // what is written says the same
                Assert.True(text.Contains('e', StringComparison.OrdinalIgnoreCase) || Money.FormatCents((long)value).Length <= text.Length, text); // in the shortest way, without an exponent
            }
        }

        Assert.InRange(amounts, Long.Amounts / 10, Long.Amounts * 9 / 10);
    }

    [Fact]
    public void What_is_written_of_any_number_of_micros_says_that_number()
    {
        var random = new Random(Long.Seed);
        for (var i = 0; i < Long.Amounts; i++)
        {
            var micros = random.NextInt64(-Magnitude(random), Magnitude(random)) / 10; // of what an account may have
            var text = Money.FormatCents(micros);
            var said = (Expected(text.TrimStart('-')) ?? BigInteger.MinusOne) * (text[0] == '-' ? -1 : 1);
            Assert.True(said == micros && Written().IsMatch(text), $"seed {Long.Seed}: {micros} micros are written as {text}");
        }
    }

    /// <summary>A JSON number without a sign, of 30 digits at most, that is a multiple of a micro, or differs from one by less than 10⁻¹⁴ of its value; any number of leading zeros that a JSON number cannot have is left to the JSON.</summary>
    private static BigInteger? Expected(string text)
    {
        var match = Number().Match(text);
        if (!match.Success) return null;

        var (whole, fraction) = (match.Groups["whole"].Value.TrimStart('0'), match.Groups["fraction"].Value.TrimEnd('0'));
        if (whole.Length + fraction.Length > 30) return null;

        var digits = BigInteger.Parse($"0{whole}{fraction}", CultureInfo.InvariantCulture);
        var power = (match.Groups["exponent"] is { Success: true } exponent ? int.Parse(exponent.Value, CultureInfo.InvariantCulture) : 0) - fraction.Length + Decimals;
        var (up, down) = (BigInteger.Pow(10, Math.Max(power, 0)), BigInteger.Pow(10, Math.Max(-power, 0)));
        var value = ((digits * up * 2) + down) / (2 * down); // the nearest micro
        var error = BigInteger.Abs((value * down) - (digits * up));
        var isAmount = error.IsZero || (value > 0 && error * BigInteger.Pow(10, 14) <= digits);
        return isAmount && value <= Most ? value : null;
    }

    private static string Text(Random random)
    {
        var text = random.Next(8) switch
        {
            0 => Digits(random, 14) + "." + Digits(random, 5),
            1 => random.NextInt64(Magnitude(random)).ToString(CultureInfo.InvariantCulture),
            2 when random.Next(2) == 0 => (random.NextInt64(Magnitude(random)) / 1_000_000.0 * 100).ToString("R", CultureInfo.InvariantCulture),
            2 => (random.NextDouble() * Math.Pow(10, random.Next(-8, 20))).ToString("R", CultureInfo.InvariantCulture),
            3 => $"{random.NextInt64(99_999_999_990, 100_000_000_010)}.{Digits(random, 4)}",
            4 => $"{(random.Next(2) == 0 ? "-" : "+")}{random.Next(1_000)}",
            _ => $"{random.NextInt64(Magnitude(random) / 10_000 + 1)}.{Digits(random, 4)}",
        };
        if (random.Next(10) != 0) return text;

        var strange = "0123456789.,-+eE _٣\u0660\u2212\u00a0"[random.Next(21)].ToString();
        return text.Insert(random.Next(text.Length + 1), strange);
    }

    /// <summary>As JSON writes them: no zero before others at the beginning, as the part before the point has it.</summary>
    private static string Digits(Random random, int most)
    {
        var digits = string.Concat(Enumerable.Range(0, 1 + random.Next(most)).Select(_ => (char)('0' + random.Next(10))));
        return most > Decimals + 1 ? digits.TrimStart('0').PadLeft(1, '0') : digits;
    }

    private static long Magnitude(Random random) => (long)Math.Pow(10, random.Next(1, 17));

    [GeneratedRegex(@"^(?<whole>[0-9]+)(\.(?<fraction>[0-9]+))?([eE](?<exponent>[+-]?[0-9]{1,3}))?\z")]
    private static partial Regex Number();

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]{0,3}[1-9])?\z")]
    private static partial Regex Written();
}
