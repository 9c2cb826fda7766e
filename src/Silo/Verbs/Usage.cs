using Agora.Api;

namespace Agora.Silo.Verbs;

/// <summary><c>--help</c>.</summary>
internal static class Usage
{
    private const string Text = """
        ./run [--urls http://127.0.0.1:8080] [--data DIR] [--postgres CONNSTR] [--demo [--once]] [--tls-cert FILE --tls-key FILE]
        ./run --cluster [N] [--data DIR] [--urls http://127.0.0.1:8080] [--demo [--once]]
                                                                PostgreSQL, N silos (1 to 9; 3) and a front end on this machine; each says its process id, so that one can be killed;
                                                                with AGORA_POSTGRES set, on that database
        ./run verify-journal [--key KID]... [--data DIR] [--postgres CONNSTR]
                                                                checks every row of the journal, and the checkpoints over them
        ./run check [--data DIR] [--postgres CONNSTR]           holds money, holds, runs and query tables to their rules, beside a running server too;
                                                                exit code 0: all hold, 1: some do not, 2: it could not look
        ./run rebuild [--data DIR] [--postgres CONNSTR]         recreates the query tables from the journal
        ./run archive --older-than-days N [--data DIR] [--postgres CONNSTR]
                                                                keeps what sessions did that ended so long ago compressed, still provable and readable
        ./run rotate-key NAME [--data DIR]                      replaces (or makes) the operators' key NAME; restart to use it
        ./run rotate-signing-key [--data DIR] [--postgres CONNSTR]
                                                                makes a new key that signs receipts and checkpoints
        ./run remove-signing-key KID [--data DIR] [--postgres CONNSTR]
                                                                publishes a former signing key no longer
        ./run keep-signing-key KID [--data DIR] [--postgres CONNSTR]
                                                                vouches for a signing key that an earlier release retired
        ./run quickstart [--service URL] [--price CENTS] [--data DIR] [--urls http://127.0.0.1:8080]
                                                                an agent's key, a service and a funded campaign on the server that runs there, and the commands of a first run
        ./run --version                                         version and commit
        ./run healthcheck [--urls http://127.0.0.1:8080]        exit code 0 when the server here answers /healthz
        ./run check-service URL [--header "NAME: VALUE"] [--input JSON] [--output-schema JSON]
              [--metered] [--max-cost-cents 100] [--timeout-ms 20000] [--data DIR]
                                                                calls a service as Agora does, and names each fault in a line;
                                                                exit code 0: none, 1: there are some, 2: nothing was checked
        ./run --demo --once --against URL [--text-service http://127.0.0.1:8091]
                                                                walks the demo on a server that runs elsewhere
        Settings of the environment are listed in docs/settings.md; those of a cluster in docs/operations.md.
        """;

    public static int PrintVersion()
    {
        Console.WriteLine(ApiHost.Name);
        return 0;
    }

    public static int Print()
    {
        Console.WriteLine(Text);
        return 0;
    }
}
