using Agora.Crypto;
using Agora.Proof.Checkpoints;
using Microsoft.Data.Sqlite;

namespace Agora.Testing.Attackers;

/// <summary>Somebody who writes the database and has no master key: puts a key of his own in the place of the one that signs, and signs all checkpoints with it.</summary>
public sealed class CheckpointForger : IDisposable
{
    private const string Public = "agora/signing/1/public";

    private readonly SqliteConnection _database;
    private readonly Ed25519PrivateKey _own = new(new byte[Ed25519.SeedBytes]);
    private readonly Jwk _signer;
    private readonly List<(long Number, string Token)> _tokens = [];

    /// <param name="database">A SQLite file that no server has open.</param>
    public CheckpointForger(string database)
    {
        _database = new SqliteConnection($"Data Source={database};Pooling=False");
        _database.Open();
        using (var key = Command("SELECT wrapped FROM personal_keys WHERE id = $0", Public)) _signer = new Jwk((byte[])key.ExecuteScalar()!);
        using var command = Command("SELECT number, token FROM checkpoints ORDER BY number");
        using var rows = command.ExecuteReader();
        while (rows.Read()) _tokens.Add((rows.GetInt64(0), rows.GetString(1)));
    }

    /// <summary>The id of the key that signed.</summary>
    public string Signer => _signer.KeyId;

    public void SignAnew()
    {
        Run("UPDATE personal_keys SET wrapped = $1 WHERE id = $0", Public, _own.PublicKey.ToArray());
        Run("DELETE FROM personal_keys WHERE id = $0", $"{Public}/code");
        string? previous = null;
        foreach (var (number, token) in _tokens)
        {
            var claims = CheckpointClaims.Read(token, _ => _signer)!;
            var forged = (claims with { Previous = previous is null ? null : CheckpointClaims.HashOf(previous) }).Sign(_own);
            Run("UPDATE checkpoints SET token = $1 WHERE number = $0", number, previous = forged);
        }
    }

    public void PutBack()
    {
        Run("UPDATE personal_keys SET wrapped = $1 WHERE id = $0", Public, _signer.PublicKey.ToArray());
        foreach (var (number, token) in _tokens) Run("UPDATE checkpoints SET token = $1 WHERE number = $0", number, token);
    }

    public void Dispose()
    {
        _database.Dispose();
        _own.Dispose();
    }

    private void Run(string sql, params object[] args)
    {
        using var command = Command(sql, args);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params object[] args)
    {
        var command = _database.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < args.Length; i++) command.Parameters.AddWithValue($"${i}", args[i]);
        return command;
    }
}
