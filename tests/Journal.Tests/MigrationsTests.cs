namespace Agora.Journal.Tests;

public sealed class MigrationsTests
{
    private static readonly Migration[] Known = [new(1, "one", "1"), new(2, "two", "2"), new(3, "three", "3")];

    [Fact]
    public void What_is_not_applied_is_pending_in_order()
    {
        Assert.Equal(Known, Migrations.Pending(Known, []));
        Assert.Equal([Known[2]], Migrations.Pending(Known, Applied(2)));
        Assert.Empty(Migrations.Pending(Known, Applied(3)));
    }

    [Fact]
    public void A_missing_number_is_refused() => Refused("0002 is missing", [Known[0], Known[2]], Applied(1));

    [Fact]
    public void An_edited_file_that_was_applied_is_refused() => Refused("0001_one was edited", [new Migration(1, "one", "1 "), .. Known[1..]], Applied(1));

    [Fact]
    public void A_newer_database_is_refused() => Refused("newer than this program", Known[..2], Applied(3));

    [Fact]
    public void A_database_that_lacks_a_number_is_refused() => Refused("lacks migration 0001", Known, Applied(2)[1..]);

    [Fact]
    public void The_programs_own_files_are_numbered_without_a_gap()
    {
        var own = Migrations.Of("sqlite");
        Assert.Equal((1, "journal"), (own[0].Number, own[0].Name));
        Assert.Equal(own, Migrations.Pending(own, []));
    }

    private static AppliedMigration[] Applied(int count) => [.. Known.Take(count).Select(m => new AppliedMigration(m.Number, m.Name, m.Sha256))];

    private static void Refused(string because, IReadOnlyList<Migration> known, IReadOnlyList<AppliedMigration> applied) =>
        Assert.Contains(because, Assert.Throws<JournalRefusedException>(() => Migrations.Pending(known, applied)).Message, StringComparison.Ordinal);
}
