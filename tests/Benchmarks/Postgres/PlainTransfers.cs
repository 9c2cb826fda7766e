using Agora.Testing.Postgres;

namespace Agora.Benchmarks.Postgres;

/// <summary>
/// What one would build instead: a transfer is one transaction that takes from one row and gives to another, guarded by a constraint, within one round
/// trip. It writes no statement, no history and no idempotency. Rows are updated in one order, so that transfers never wait in a circle; the row that
/// all pay is updated last, so that its lock is held as briefly as can be.
/// </summary>
internal static class PlainTransfers
{
    public const long EachMicros = 1_000_000_000;

    /// <summary>The wallet that all pay; the others count from 1.</summary>
    private const int Hot = 0;

    public static void Create(string database, int wallets)
    {
        PostgresServer.Execute(database, $"""
            CREATE TABLE wallets (id bigint PRIMARY KEY, balance bigint NOT NULL CHECK (balance >= 0)) WITH (fillfactor = 50);
            INSERT INTO wallets SELECT n, {EachMicros} FROM generate_series({Hot}, {wallets}) n;
            """);
        PostgresServer.Execute(database, "VACUUM ANALYZE");
    }

    public static void Check(string database, int wallets)
    {
        if (PostgresServer.Scalar<long>(database, "SELECT sum(balance)::bigint FROM wallets") != (wallets + 1) * EachMicros)
        {
            throw new InvalidOperationException("The plain design has made or lost money.");
        }
    }

    /// <summary>A script of pgbench.</summary>
    public static string Script(int wallets, bool hot) => hot
        ? $"""
           \set payer random(1, {wallets})
           \startpipeline
           UPDATE wallets SET balance = balance - 1 WHERE id = :payer;
           UPDATE wallets SET balance = balance + 1 WHERE id = {Hot};
           \endpipeline

           """
        : $"""
           \set payer random(1, {wallets})
           \set payee 1 + (:payer - 1 + random(1, {wallets - 1})) % {wallets}
           \set first least(:payer, :payee)
           \set second greatest(:payer, :payee)
           \set amount case when :payer < :payee then 1 else -1 end
           \startpipeline
           UPDATE wallets SET balance = balance - :amount WHERE id = :first;
           UPDATE wallets SET balance = balance + :amount WHERE id = :second;
           \endpipeline

           """;
}
