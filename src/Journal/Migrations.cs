using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Agora.Journal;

/// <summary>One numbered step of a schema; never edited once it is applied anywhere.</summary>
public sealed record Migration(int Number, string Name, string Sql)
{
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));
}

/// <summary>What a database says was applied to it.</summary>
public sealed record AppliedMigration(int Number, string Name, string Sha256);

/// <summary>The numbered files under <c>sql/</c>, and which of them a database still needs. The same for every provider.</summary>
public static class Migrations
{
    /// <summary>The program's own files of a provider (<c>sqlite</c>), by number.</summary>
    public static IReadOnlyList<Migration> Of(string provider)
    {
        var prefix = $"sql/{provider}/";
        var assembly = typeof(Migrations).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => Parse(name[prefix.Length..], Read(assembly, name)))];
    }

    /// <summary>What is to be applied, in order. Refuses a gap in the numbers, an applied file that was edited, and a database newer than the program.</summary>
    public static IReadOnlyList<Migration> Pending(IReadOnlyList<Migration> known, IReadOnlyList<AppliedMigration> applied)
    {
        for (var i = 0; i < known.Count; i++)
            if (known[i].Number != i + 1)
                throw new JournalRefusedException($"Migration {i + 1:D4} is missing: after it there is {known[i].Number:D4}_{known[i].Name}.sql. Restore the file.");

        for (var i = 0; i < applied.Count; i++)
        {
            var there = applied[i];
            if (there.Number != i + 1)
                throw new JournalRefusedException($"The database lacks migration {i + 1:D4} but has {there.Number:D4}_{there.Name}. Restore it from a backup.");
            if (i >= known.Count)
                throw new JournalRefusedException($"The database is newer than this program: it has migration {there.Number:D4}_{there.Name}, the program knows {known.Count}. Start a newer release.");
            if (known[i].Sha256 != there.Sha256)
                throw new JournalRefusedException($"Migration {there.Number:D4}_{there.Name} was edited after it had been applied. Restore the file and put the change into a new one.");
        }

        return [.. known.Skip(applied.Count)];
    }

    private static Migration Parse(string file, string sql)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        if (name.Length < 6 || name[4] != '_' || !int.TryParse(name.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw new JournalRefusedException($"Migration {file} is not named NNNN_name.sql.");
        return new Migration(number, name[5..], sql);
    }

    private static string Read(Assembly assembly, string resource)
    {
        using var reader = new System.IO.StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
