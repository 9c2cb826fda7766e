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
                Assert.True(Money.FormatCents((long)value).Length <= text.Length, text); // in the shortest way
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

    /// <summary>Digits, and perhaps a point and one to four more; any number of leading zeros that a JSON number cannot have is left to the JSON.</summary>
    private static BigInteger? Expected(string text)
    {
        var parts = text.Split('.');
        var plain = parts.Length <= 2 && parts.All(part => part.Length > 0 && part.All(char.IsAsciiDigit)) && (parts.Length == 1 || parts[1].Length <= Decimals);
        if (!plain) return null;

        var value = BigInteger.Parse(string.Concat(parts[0], parts.ElementAtOrDefault(1)?.PadRight(Decimals, '0') ?? "0000"), CultureInfo.InvariantCulture);
        return value <= Most ? value : null;
    }

    private static string Text(Random random)
    {
        var text = random.Next(8) switch
        {
            0 => Digits(random, 14) + "." + Digits(random, 5),
            1 => random.NextInt64(Magnitude(random)).ToString(CultureInfo.InvariantCulture),
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

    [GeneratedRegex(@"^-?(0|[1-9][0-9]*)(\.[0-9]{0,3}[1-9])?\z")]
    private static partial Regex Written();
}
