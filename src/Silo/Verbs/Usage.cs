namespace Agora.Silo.Verbs;

/// <summary><c>--help</c>.</summary>
internal static class Usage
{
    private const string Text = """
        ./run [--urls http://127.0.0.1:8080] [--data DIR] [--postgres CONNSTR] [--demo [--once]] [--tls-cert FILE --tls-key FILE]
        ./run verify-journal [--data DIR] [--postgres CONNSTR]  checks every row of the journal
        ./run rebuild [--data DIR] [--postgres CONNSTR]         recreates the query tables from the journal
        ./run rotate-key NAME [--data DIR]                      replaces (or makes) the operators' key NAME; restart to use it
        Settings of the environment are listed in README.md.
        """;

    public static int Print()
    {
        Console.WriteLine(Text);
        return 0;
    }
}
