using Agora.Silo;
using Agora.Silo.Verbs;

// Verbs first; everything else is the server.
return args switch
{
    ["verify-journal", ..] => await VerifyJournal.Run(args[1..]),
    ["rebuild", ..] => await RebuildTables.Run(args[1..]),
    ["rotate-key", ..] => RotateKey.Run(args[1..]),
    ["help" or "--help" or "-h", ..] => Usage.Print(),
    _ => await Server.Run(args),
};
